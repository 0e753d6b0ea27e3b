import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { fieldValuesQuery, savedViewsQuery } from '../api/shell-queries.ts'
import { parseRangeInput } from '../lib/range-input.ts'
import { serverNow } from '../lib/server-time.ts'
import { COMPARES, parseSearch, rangeLabel, RANGES } from '../lib/url-state.ts'
import { rangeText } from '../lib/zone.ts'
import { compareLabel } from '../ui/ComparePicker.tsx'
import { traceAddressOf, type Command } from './palette-search.ts'
import { useShell } from './shell-context.ts'
import { useCopyLink } from './use-copy-link.ts'
import { useRangeNow } from './use-range-now.ts'
import { useView } from './use-view.ts'
import { useViewActions } from './use-view-actions.ts'

const PAGES = [
  { to: '/', title: 'Overview', words: 'home live health', keys: 'G O' },
  { to: '/traces', title: 'Traces', words: 'requests list search', keys: 'G T' },
  { to: '/alerts', title: 'Alerts', words: 'rules incidents channels', keys: 'G A' },
  {
    to: '/ingest',
    title: 'Ingest health',
    words: 'ledger rejected dropped lag sources coverage canary',
    keys: 'G I',
  },
  { to: '/start', title: 'Connect', words: 'onboarding sdk install set up', keys: 'G S' },
] as const

/** Everything the palette can do now, apart from what the typed text itself asks for. */
export function useCommands(): Command[] {
  const navigate = useNavigate()
  return [
    ...PAGES.map(({ to, title, words, keys }): Command => ({
      id: `page:${to}`,
      group: 'Pages',
      title,
      words,
      keys,
      run: () => void navigate({ to }),
    })),
    ...useSavedViews(),
    ...useViewCommands(),
    ...useFieldCommands('model', 'Models'),
    ...useFieldCommands('service', 'Services'),
  ]
}

function useViewCommands(): Command[] {
  const { window, zone } = useView()
  const { openHelp } = useShell()
  const actions = useViewActions()
  const copyLink = useCopyLink()
  const { setColorScheme } = useMantineColorScheme({ keepTransitions: true })
  const other = useComputedColorScheme('dark') === 'dark' ? 'light' : 'dark'
  const isLive = window.status === 'rolling'
  const action = (id: string, title: string, rest: Partial<Command> & { run: () => void }) => ({
    id,
    group: 'Actions',
    title,
    ...rest,
  })
  const ranges = RANGES.map((t) =>
    action(`range:${t}`, rangeLabel(t), {
      group: 'Range',
      words: `${t} last`,
      run: () => actions.setRange({ status: 'rolling', t }),
    }),
  )
  const days = ['Today', 'Yesterday'].map((day) =>
    action(`range:${day}`, day, { group: 'Range', run: () => setDay(day) }),
  )
  const compares = COMPARES.map((one) =>
    action(`compare:${one}`, `Compare: ${compareLabel(one, window.lengthMs)}`, {
      group: 'Compare',
      keys: 'C',
      run: () => actions.setCompare(one),
    }),
  )
  return [
    action('theme', `Switch to the ${other} theme`, {
      words: 'dark light mode appearance',
      run: () => setColorScheme(other),
    }),
    action('live', isLive ? 'Freeze the range' : 'Go live', {
      words: 'live pause',
      keys: 'L',
      run: actions.toggleLive,
    }),
    action('zone', zone.id === 'UTC' ? 'Show times in your zone' : 'Show times in UTC', {
      words: 'timezone utc',
      keys: 'Z',
      run: actions.toggleUtc,
    }),
    action('link', 'Copy a link to this view', {
      words: 'share url',
      keys: 'Y',
      run: () => void copyLink('frozen').catch(() => undefined),
    }),
    action('help', 'Keyboard shortcuts', { words: 'keys help', keys: '?', run: openHelp }),
    ...ranges,
    ...days,
    ...compares,
  ]

  function setDay(day: string): void {
    const range = parseRangeInput(day, { now: serverNow(), zone })
    if (range.status !== 'invalid') actions.setRange(range)
  }
}

function useSavedViews(): Command[] {
  const navigate = useNavigate()
  const views = useQuery(savedViewsQuery)
  return (views.data?.items ?? []).map(({ id, name, page, search }) => ({
    id: `view:${id}`,
    group: 'Saved views',
    title: name,
    hint: page,
    run: () =>
      void navigate({
        to: page === 'overview' ? '/' : '/traces',
        search: () => parseSearch(search),
      }),
  }))
}

function useFieldCommands(field: 'model' | 'service', group: string): Command[] {
  const navigate = useNavigate()
  const range = useRangeNow()
  const values = useQuery(fieldValuesQuery(field, { ...range, f: [] }))
  return (values.data?.items ?? []).slice(0, 50).map(({ value }) => ({
    id: `${field}:${value}`,
    group,
    title: value,
    hint: 'traces',
    run: () => void navigate({ to: '/traces', search: { f: [`${field}:eq:${value}`] } }),
  }))
}

/** What the typed text itself asks for: a trace, a range, a search. */
export function useTypedCommands(typed: string): Command[] {
  const navigate = useNavigate()
  const { zone } = useView()
  const { setRange } = useViewActions()
  const text = typed.trim()
  if (text === '') return []
  const commands: Command[] = []
  const address = traceAddressOf(text)
  if (address !== undefined) {
    const { traceId, spanId } = address
    commands.push({
      id: 'typed:trace',
      group: 'Trace',
      title: `Open trace ${traceId.slice(0, 8)}…`,
      run: () =>
        void navigate({
          to: '/traces/$traceId',
          params: { traceId },
          search: spanId === undefined ? {} : { span: spanId },
        }),
    })
  }
  const range = parseRangeInput(text, { now: serverNow(), zone })
  if (range.status !== 'invalid') {
    const meaning = range.status === 'rolling' ? rangeLabel(range.t) : rangeText(range, zone)
    commands.push({
      id: 'typed:range',
      group: 'Range',
      title: `Range: ${meaning}`,
      run: () => setRange(range),
    })
  }
  if (address === undefined) {
    commands.push({
      id: 'typed:search',
      group: 'Search',
      title: `Search prompts and answers for “${text.slice(0, 60)}”`,
      run: () => void navigate({ to: '/traces', search: { f: [`text:has:${text}`] } }),
    })
  }
  return commands
}
