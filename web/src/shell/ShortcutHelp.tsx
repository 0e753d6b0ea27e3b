import { Modal, Switch } from '@mantine/core'
import { setKeysOn, useKeyGroups, useKeysOn, type KeyGroup } from '../lib/page-keys.ts'
import { IS_MAC } from '../ui/PaletteKey.tsx'

const PALETTE: KeyGroup = {
  title: 'Everywhere',
  bindings: [{ keys: IS_MAC ? 'Cmd K' : 'Ctrl K', label: 'Search or jump' }],
}

type ShortcutHelpProps = { isOpen: boolean; onClose: () => void }

export function ShortcutHelp({ isOpen, onClose }: ShortcutHelpProps) {
  const isOn = useKeysOn()
  const groups = merged([...useKeyGroups(), PALETTE])
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title="Keyboard shortcuts"
      size="lg"
      centered
      data-keys-off
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Switch
        className="keys-switch"
        label="Single-key shortcuts"
        description="Turn them off when you dictate, or when a key is pressed by accident."
        checked={isOn}
        onChange={(event) => setKeysOn(event.currentTarget.checked)}
      />
      <div className={isOn ? 'shortcuts' : 'shortcuts off'}>
        {groups.map(({ title, bindings }) => (
          <section key={title} aria-label={title}>
            <h3>{title}</h3>
            <dl>
              {bindings.map(({ keys, label }) => (
                <div key={`${keys} ${label}`}>
                  <dt>{label}</dt>
                  <dd>
                    {keys.split(' ').map((key) => (
                      <kbd className="kbd" key={key}>
                        {key.length === 1 ? key.toUpperCase() : key}
                      </kbd>
                    ))}
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
