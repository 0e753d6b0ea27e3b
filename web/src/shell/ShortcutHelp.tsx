import { Modal, Switch } from '@mantine/core'
import { useState } from 'react'
import { resetKeys, useKeyMap } from '../lib/key-map.ts'
import { setKeysOn, useKeyGroups, useKeysOn, type KeyGroup } from '../lib/page-keys.ts'
import { IS_MAC } from '../ui/PaletteKey.tsx'
import { ShortcutKeys } from './ShortcutKeys.tsx'

const PALETTE: KeyGroup = {
  title: 'Everywhere',
  bindings: [{ keys: IS_MAC ? 'Cmd K' : 'Ctrl K', original: null, label: 'Search or jump' }],
}

type ShortcutHelpProps = { isOpen: boolean; onClose: () => void }

export function ShortcutHelp({ isOpen, onClose }: ShortcutHelpProps) {
  const isOn = useKeysOn()
  const groups = merged([...useKeyGroups(), PALETTE])
  const [changing, setChanging] = useState<string | null>(null)
  const isChanged = useKeyMap().size > 0
  const takenBy = (keys: string) =>
    groups
      .flatMap(({ bindings }) => bindings)
      .find((binding) => binding.keys.toLowerCase() === keys)?.label
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title="Keyboard shortcuts"
      size="lg"
      centered
      data-keys-off
      closeOnEscape={changing === null}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Switch
        className="keys-switch"
        label="Single-key shortcuts"
        description="Turn them off when you dictate, or when a key is pressed by accident."
        checked={isOn}
        onChange={(event) => setKeysOn(event.currentTarget.checked)}
      />
      <p className="keys-hint">
        Click a key in the list to change it.
        {isChanged ? (
          <button type="button" className="keys-reset-all" onClick={resetKeys}>
            Reset all
          </button>
        ) : null}
      </p>
      <div className={isOn ? 'shortcuts' : 'shortcuts off'}>
        {groups.map(({ title, bindings }) => (
          <section key={title} aria-label={title}>
            <h3>{title}</h3>
            <dl>
              {bindings.map((binding) => (
                <div key={`${binding.original} ${binding.label}`}>
                  <dt>{binding.label}</dt>
                  <dd>
                    <ShortcutKeys
                      binding={binding}
                      takenBy={takenBy}
                      isChanging={changing === binding.original}
                      onChanging={(isOn) => setChanging(isOn ? binding.original : null)}
                    />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  )
}

/** Parts of a page that share a title are one group; a key that is bound twice does the first. */
function merged(groups: readonly KeyGroup[]): KeyGroup[] {
  const taken = new Set<string>()
  const listed = groups.map(({ title, bindings }) => ({
    title,
    bindings: bindings.filter(({ keys }) => !taken.has(keys) && taken.add(keys)),
  }))
  return [...Map.groupBy(listed, ({ title }) => title)].map(([title, parts]) => ({
    title,
    bindings: parts.flatMap(({ bindings }) => bindings),
  }))
}
