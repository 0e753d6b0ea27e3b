import { Popover, TextInput } from '@mantine/core'
import type { SavedView, SavedViewInput } from '@sightline/server/contract'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useLocation, useNavigate } from '@tanstack/react-router'
import {
  IconBookmark,
  IconChevronDown,
  IconPencil,
  IconRefresh,
  IconTrash,
} from '@tabler/icons-react'
import { useRef, useState, type ReactNode, type RefObject, type SubmitEvent } from 'react'
import {
  createView,
  deleteView,
  tracesViewsKey,
  tracesViewsQuery,
  updateView,
} from '../../api/traces-queries.ts'
import { parseTracesSearch } from '../../lib/page-search.ts'
import { parseSearch, parseViewState } from '../../lib/url-state.ts'
import { ErrorState, failureOf } from '../../ui/ErrorState.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { keptSearch } from './kept-search.ts'

/** Named, because the router hands on what a link does not mention. */
const NOTHING_KEPT = {
  t: undefined,
  from: undefined,
  to: undefined,
  tz: undefined,
  f: undefined,
}

/** Filters, range and columns under a name: choosing one sets the URL. */
export function SavedViews() {
  const [isOpen, setOpen] = useState(false)
  const search = keptSearch(useLocation({ select: ({ searchStr }) => searchStr }))
  const views = useQuery({ ...tracesViewsQuery, enabled: isOpen })
  const nameInput = useRef<HTMLInputElement>(null)
  const current = views.data?.items.find((view) => view.search === search)
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end">
      <Popover.Target>
        <button
          type="button"
          className="btn"
          data-testid="saved-views"
          aria-label={current === undefined ? undefined : `Saved views: ${current.name}`}
          onClick={() => setOpen(!isOpen)}
        >
          <IconBookmark size={14} aria-hidden="true" />
          <span className="views-name">{current?.name ?? 'Saved views'}</span>
          <IconChevronDown size={14} aria-hidden="true" />
        </button>
      </Popover.Target>
      <Popover.Dropdown className="popover views-menu" aria-label="Saved views">
        <SaveForm search={search} input={nameInput} />
        {views.isPending && <Skeleton height={28} />}
        {views.isError && (
          <ErrorState
            what="Views could not be loaded"
            failure={failureOf(views.error)}
            onRetry={() => void views.refetch()}
          />
        )}
        {views.isSuccess && views.data.items.length === 0 && (
          <p className="t3">
            No view is saved yet. Set filters and a range, then give them a name.
          </p>
        )}
        <ul aria-label="Saved views">
          {views.data?.items.map((view) => (
            <ViewItem
              key={view.id}
              view={view}
              search={search}
              onChosen={() => setOpen(false)}
              onGone={() => nameInput.current?.focus()}
            />
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  )
}

function useViewMutation<Input>(run: (input: Input) => Promise<unknown>) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: run,
    onSuccess: () => client.invalidateQueries({ queryKey: tracesViewsKey }),
  })
}

type SaveFormProps = { search: string; input: RefObject<HTMLInputElement | null> }

function SaveForm({ search, input }: SaveFormProps) {
  const [name, setName] = useState('')
  const save = useViewMutation(createView)
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault()
    if (name.trim() === '') return
    const view: SavedViewInput = { name: name.trim(), page: 'traces', search }
    // The button is off again with the name gone: the focus must not get lost with it.
    input.current?.focus()
    save.mutate(view, { onSuccess: () => setName('') })
  }
  return (
    <form className="views-save" onSubmit={onSubmit}>
      <TextInput
        ref={input}
        aria-label="Name of a new view"
        placeholder="name this view"
        maxLength={100}
        value={name}
        data-autofocus
        error={save.isError ? save.error.message : undefined}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <button type="submit" className="btn primary" disabled={name.trim() === '' || save.isPending}>
        Save
      </button>
    </form>
  )
}

type ViewItemProps = {
  view: SavedView
  search: string
  onChosen: () => void
  onGone: () => void
}

function ViewItem({ view, search, onChosen, onGone }: ViewItemProps) {
  const navigate = useNavigate()
  const [mode, setMode] = useState<'shown' | 'renamed' | 'deleted'>('shown')
  const update = useViewMutation((next: SavedView) => {
    const { name, page, search: kept } = next
    return updateView(view.id, { name, page, search: kept })
  })
  const remove = useViewMutation(() => deleteView(view.id))
  const failure = update.error ?? remove.error
  const onChoose = (): void => {
    onChosen()
    const kept = parseSearch(view.search)
    void navigate({
      to: '/traces',
      search: { ...NOTHING_KEPT, ...parseViewState(kept), ...parseTracesSearch(kept) },
    })
  }
  if (mode === 'renamed') {
    return (
      <li>
        <RenameForm
          name={view.name}
          onDone={(name) => {
            setMode('shown')
            if (name !== null && name !== view.name) update.mutate({ ...view, name })
          }}
        />
      </li>
    )
  }
  const isCurrent = view.search === search
  return (
    <li className="view-item" data-view={view.name}>
      <button
        type="button"
        className="menu-item"
        aria-current={isCurrent ? 'true' : undefined}
        onClick={onChoose}
      >
        <span className="views-name">{view.name}</span>
      </button>
      {mode === 'deleted' ? (
        <>
          <button
            type="button"
            className="btn small danger"
            onClick={() => {
              onGone()
              remove.mutate(undefined)
            }}
          >
            Delete
          </button>
          <button type="button" className="btn ghost small" onClick={() => setMode('shown')}>
            Keep
          </button>
        </>
      ) : (
        <>
          <IconButton
            label={`Overwrite ${view.name} with what is shown now`}
            isDisabled={isCurrent}
            onPress={() => update.mutate({ ...view, search })}
            icon={<IconRefresh size={14} aria-hidden="true" />}
          />
          <IconButton
            label={`Rename ${view.name}`}
            onPress={() => setMode('renamed')}
            icon={<IconPencil size={14} aria-hidden="true" />}
          />
          <IconButton
            label={`Delete ${view.name}`}
            onPress={() => setMode('deleted')}
            icon={<IconTrash size={14} aria-hidden="true" />}
          />
        </>
      )}
      {failure !== null && (
        <p className="crit" role="alert">
          {failure.message}
        </p>
      )}
    </li>
  )
}

type IconButtonProps = {
  label: string
  icon: ReactNode
  isDisabled?: boolean
  onPress: () => void
}

function IconButton({ label, icon, isDisabled = false, onPress }: IconButtonProps) {
  return (
    <button
      type="button"
      className="btn ghost small"
      aria-label={label}
      title={label}
      disabled={isDisabled}
      onClick={onPress}
    >
      {icon}
    </button>
  )
}

function RenameForm({ name, onDone }: { name: string; onDone: (name: string | null) => void }) {
  const [next, setNext] = useState(name)
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault()
    onDone(next.trim() === '' ? null : next.trim())
  }
  return (
    <form className="views-save" onSubmit={onSubmit}>
      <TextInput
        aria-label={`New name of ${name}`}
        maxLength={100}
        value={next}
        autoFocus
        onChange={(event) => setNext(event.currentTarget.value)}
      />
      <button type="submit" className="btn primary">
        Rename
      </button>
    </form>
  )
}
