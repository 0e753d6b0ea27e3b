import { useEffect, useEffectEvent, useId, useRef, useState, type ReactNode } from 'react'
import { useFocusOnMount } from './use-focus-on-mount.ts'

export type SearchOption = {
  id: string
  label: ReactNode
  icon?: ReactNode
  /** Stands at the right end: a key, a count. */
  hint?: ReactNode
  isCurrent?: boolean
}
export type SearchGroup = { title: string; options: readonly SearchOption[] }

type SearchListProps = {
  label: string
  placeholder: string
  text: string
  onText: (text: string) => void
  groups: readonly SearchGroup[]
  onChoose: (id: string) => void
  /** Shown instead of the list when no option is left, and read out. */
  whenEmpty: ReactNode
  /** Enter with no option chosen takes what was typed. */
  onEnter?: () => void
  /** The first option is chosen as soon as the list shows. */
  choosesFirst?: boolean
  testId?: string
}

/** A field with a list under it: arrows choose, Enter takes; the focus stays in the field. */
export function SearchList(props: SearchListProps) {
  const { label, placeholder, text, onText, groups, onChoose, whenEmpty, testId } = props
  const { choosesFirst = true } = props
  const listId = useId()
  const list = useRef<HTMLDivElement>(null)
  const input = useFocusOnMount<HTMLInputElement>()
  const options = groups.flatMap((group) => group.options)
  const [chosenId, setChosenId] = useState<string | null>(null)
  const found = options.findIndex(({ id }) => id === chosenId)
  const chosen = found < 0 && choosesFirst ? Math.min(0, options.length - 1) : found
  const move = (to: number): void => {
    const next = options[(to + options.length) % Math.max(1, options.length)]
    if (next !== undefined) setChosenId(next.id)
  }
  const steps: Record<string, number> = {
    ArrowDown: chosen + 1,
    ArrowUp: chosen < 0 ? options.length - 1 : chosen - 1,
    PageDown: Math.min(options.length - 1, chosen + 8),
    PageUp: Math.max(0, chosen - 8),
  }
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return
    const to = steps[event.key]
    const option = options[chosen]
    if (to !== undefined) move(to)
    else if (event.key !== 'Enter') return
    else if (option !== undefined) onChoose(option.id)
    else props.onEnter?.()
    event.preventDefault()
  }
  useScrolledIntoView(list, options[chosen]?.id)
  return (
    <div className="search-list">
      <input
        ref={input}
        className="search-input"
        role="combobox"
        aria-label={label}
        aria-expanded={options.length > 0}
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={chosen >= 0 ? `${listId}-${chosen}` : undefined}
        autoComplete="off"
        spellCheck={false}
        data-autofocus
        data-testid={testId}
        placeholder={placeholder}
        value={text}
        onChange={(event) => {
          setChosenId(null)
          onText(event.currentTarget.value)
        }}
        onKeyDown={onKeyDown}
      />
      <div className="search-options" id={listId} role="listbox" aria-label={label} ref={list}>
        {groups.map((group) => (
          <Group
            key={group.title}
            group={group}
            idOf={(option) => `${listId}-${options.indexOf(option)}`}
            chosen={options[chosen]}
            onChoose={onChoose}
          />
        ))}
      </div>
      <div className="search-empty" role="status">
        {options.length === 0 && whenEmpty}
      </div>
    </div>
  )
}

type GroupProps = {
  group: SearchGroup
  idOf: (option: SearchOption) => string
  chosen: SearchOption | undefined
  onChoose: (id: string) => void
}

function Group({ group, idOf, chosen, onChoose }: GroupProps) {
  const titleId = useId()
  if (group.options.length === 0) return null
  return (
    <div role="group" aria-labelledby={group.title === '' ? undefined : titleId}>
      {group.title !== '' && (
        <div className="search-title" id={titleId} role="presentation">
          {group.title}
        </div>
      )}
      {group.options.map((option) => (
        <div
          key={option.id}
          id={idOf(option)}
          role="option"
          aria-selected={option === chosen}
          className={option.isCurrent === true ? 'search-option current' : 'search-option'}
          // The field keeps the focus.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onChoose(option.id)}
        >
          {option.icon}
          <span className="search-label">{option.label}</span>
          {option.hint !== undefined && <span className="search-hint">{option.hint}</span>}
        </div>
      ))}
    </div>
  )
}

function useScrolledIntoView(
  list: React.RefObject<HTMLDivElement | null>,
  chosenId: string | undefined,
): void {
  const scroll = useEffectEvent(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  })
  useEffect(() => scroll(), [chosenId])
}
