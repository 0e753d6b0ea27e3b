import { Fragment, useState, type KeyboardEvent } from 'react'
import { remapKeys } from '../lib/key-map.ts'
import { pressedKey, type ListedKey } from '../lib/page-keys.ts'

type ShortcutKeysProps = {
  binding: ListedKey
  /** The label of what the key does already, if anything. */
  takenBy: (keys: string) => string | undefined
  isChanging: boolean
  onChanging: (isChanging: boolean) => void
}

/** The keys of one row; a click waits for the key to take their place. */
export function ShortcutKeys({ binding, takenBy, isChanging, onChanging }: ShortcutKeysProps) {
  const [refused, setRefused] = useState<string | null>(null)
  const { keys, original, label } = binding
  if (original === null) {
    return (
      <span className="keys-fixed">
        <KeyCaps keys={keys} />
      </span>
    )
  }

  const stop = () => {
    setRefused(null)
    onChanging(false)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (!isChanging || event.key === 'Tab') return
    event.preventDefault()
    event.stopPropagation()
    const pressed = pressedKey(event)
    if (pressed === '') return
    if (pressed === 'escape') return stop()
    const other = pressed === keys.toLowerCase() ? undefined : takenBy(pressed)
    if (other !== undefined) return setRefused(`${shown(pressed)} is taken: ${other}`)
    remapKeys(original, pressed)
    stop()
  }
  return (
    <>
      {refused === null ? null : (
        <span className="keys-refused" role="alert">
          {refused}
        </span>
      )}
      <button
        type="button"
        className={isChanging ? 'keys-change waiting' : 'keys-change'}
        aria-label={
          isChanging
            ? `Press the key for “${label}”, Escape to keep ${keys}`
            : `Change ${keys}: ${label}`
        }
        title={isChanging ? 'Escape keeps it' : 'Change'}
        onClick={() => (isChanging ? stop() : onChanging(true))}
        onKeyDown={onKeyDown}
        onBlur={stop}
      >
        {isChanging ? <span className="keys-wait">press a key</span> : <KeyCaps keys={keys} />}
      </button>
      {keys.toLowerCase() === original.toLowerCase() ? null : (
        <button
          type="button"
          className="keys-reset"
          aria-label={`Give “${label}” its key ${original} back`}
          title={`Back to ${original}`}
          onClick={() => remapKeys(original, null)}
        >
          ↺
        </button>
      )}
    </>
  )
}

function KeyCaps({ keys }: { keys: string }) {
  return keys.split(' ').map((key, index) => (
    <Fragment key={key}>
      {/* Read aloud as two keys. */}
      {index > 0 && ' '}
      <kbd className="kbd">{shown(key)}</kbd>
    </Fragment>
  ))
}

function shown(key: string): string {
  return key.length === 1 ? key.toUpperCase() : key
}
