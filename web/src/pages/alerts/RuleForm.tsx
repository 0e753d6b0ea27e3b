import { Checkbox, NativeSelect, TextInput } from '@mantine/core'
import { METRIC_NAMES, type CompareOp } from '@sightline/server/contract'
import { IconX } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type SubmitEvent } from 'react'
import { channelsQuery, createRule, keys } from '../../api/queries.ts'
import { ErrorState, failureOf } from '../../ui/ErrorState.tsx'
import {
  DRAFT_FIELDS,
  METRIC_LABELS,
  OP_LABELS,
  ruleOf,
  typedUnit,
  type DraftProblem,
  type RuleDraft,
} from './rule-draft.ts'

const WINDOWS = [1, 2, 5, 10, 15, 30, 60]
const OPS: CompareOp[] = ['gt', 'gte', 'lt', 'lte']

/** A rule as a sentence: when METRIC of FIELD is over LIMIT for WINDOW. */
export function RuleForm({ initial, onDone }: { initial: RuleDraft; onDone: () => void }) {
  const [draft, setDraft] = useState(initial)
  const [problems, setProblems] = useState<DraftProblem[]>([])
  const queryClient = useQueryClient()
  const create = useMutation({
    mutationFn: createRule,
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: keys.rules })
      onDone()
    },
  })
  const set = (change: Partial<RuleDraft>): void => setDraft((before) => ({ ...before, ...change }))
  const problemOf = (field: keyof RuleDraft): string | undefined =>
    problems.find((one) => one.field === field)?.message
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault()
    const result = ruleOf(draft)
    setProblems(result.status === 'invalid' ? result.problems : [])
    if (result.status === 'ok') create.mutate(result.rule)
  }
  return (
    <form className="rule-form" onSubmit={onSubmit} data-testid="rule-form">
      <Sentence draft={draft} set={set} problemOf={problemOf} />
      <MoreFilters draft={draft} set={set} />
      <Details draft={draft} set={set} problemOf={problemOf} />
      {create.isError && (
        <ErrorState what="The rule was not saved" failure={failureOf(create.error)} />
      )}
      <div className="form-end">
        <button
          type="submit"
          className="btn primary"
          data-testid="save-rule"
          disabled={create.isPending}
        >
          Save rule
        </button>
        <button type="button" className="btn ghost" onClick={onDone}>
          Cancel
        </button>
      </div>
    </form>
  )
}

type PartProps = {
  draft: RuleDraft
  set: (change: Partial<RuleDraft>) => void
  problemOf: (field: keyof RuleDraft) => string | undefined
}

function Sentence({ draft, set, problemOf }: PartProps) {
  const unit = typedUnit(draft.metric).label
  return (
    <div className="sentence">
      <span>When</span>
      <NativeSelect
        aria-label="Metric"
        data-testid="rule-metric"
        value={draft.metric}
        data={METRIC_NAMES.map((value) => ({ value, label: METRIC_LABELS[value] }))}
        onChange={(event) =>
          set({
            metric: METRIC_NAMES.find((one) => one === event.currentTarget.value) ?? draft.metric,
          })
        }
      />
      <span>of</span>
      <NativeSelect
        aria-label="Filter field"
        data-testid="rule-field"
        value={draft.field}
        data={[{ value: '', label: 'all calls' }, ...DRAFT_FIELDS]}
        onChange={(event) => set({ field: event.currentTarget.value })}
      />
      {draft.field !== '' && (
        <TextInput
          aria-label="Filter value"
          data-testid="rule-value"
          placeholder={draft.field}
          value={draft.value}
          error={problemOf('value')}
          onChange={(event) => set({ value: event.currentTarget.value })}
        />
      )}
      <span>is</span>
      <NativeSelect
        aria-label="Comparison"
        data-testid="rule-op"
        value={draft.op}
        data={OPS.map((value) => ({ value, label: OP_LABELS[value] }))}
        onChange={(event) =>
          set({ op: OPS.find((one) => one === event.currentTarget.value) ?? 'gt' })
        }
      />
      <TextInput
        aria-label={`Limit${unit === '' ? '' : ` in ${unit}`}`}
        data-testid="rule-threshold"
        className="short"
        inputMode="decimal"
        value={draft.critical}
        error={problemOf('critical')}
        rightSection={<span className="t3">{unit}</span>}
        onChange={(event) => set({ critical: event.currentTarget.value })}
      />
      <span>over the last</span>
      <NativeSelect
        aria-label="Window"
        data-testid="rule-window"
        value={String(draft.windowMin)}
        data={WINDOWS.map((min) => ({
          value: String(min),
          label: min === 60 ? '1 h' : `${min} min`,
        }))}
        onChange={(event) => set({ windowMin: Number(event.currentTarget.value) })}
      />
    </div>
  )
}

function MoreFilters({ draft, set }: Pick<PartProps, 'draft' | 'set'>) {
  if (draft.filters.length === 0) return null
  return (
    <div className="sentence" data-testid="rule-filters">
      <span>and only where</span>
      {draft.filters.map((raw) => (
        <span className="chip" key={raw}>
          <b>{raw}</b>
          <button
            type="button"
            className="chip-remove"
            aria-label={`Remove filter ${raw}`}
            onClick={() => set({ filters: draft.filters.filter((one) => one !== raw) })}
          >
            <IconX size={12} aria-hidden="true" />
          </button>
        </span>
      ))}
    </div>
  )
}

function Details({ draft, set, problemOf }: PartProps) {
  const channels = useQuery(channelsQuery)
  const unit = typedUnit(draft.metric).label
  const suffix = unit === '' ? '' : ` (${unit})`
  const field = (
    name: 'warn' | 'recover' | 'forMin' | 'keepFiringMin' | 'minSamples',
    label: string,
    testId: string,
  ) => (
    <TextInput
      label={label}
      data-testid={testId}
      inputMode="decimal"
      value={draft[name]}
      error={problemOf(name)}
      onChange={(event) => set({ [name]: event.currentTarget.value })}
    />
  )
  const items = channels.data?.items ?? []
  return (
    <>
      <div className="form-grid">
        <TextInput
          label="Name"
          data-testid="rule-name"
          placeholder="made from the sentence"
          value={draft.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
        />
        {field('warn', `Warn at${suffix}`, 'rule-warn')}
        {field('recover', `Recover at${suffix}`, 'rule-recover')}
        {field('forMin', 'Pending for (min)', 'rule-for')}
        {field('keepFiringMin', 'Keep firing (min)', 'rule-keep')}
        {field('minSamples', 'At least calls', 'rule-min-samples')}
      </div>
      <fieldset className="channel-choice">
        <legend>Tell</legend>
        {items.map(({ id, name }) => (
          <Checkbox
            key={id}
            size="xs"
            label={name}
            data-testid="rule-channel"
            checked={draft.channels.includes(id)}
            onChange={(event) =>
              set({
                channels: event.currentTarget.checked
                  ? [...draft.channels, id]
                  : draft.channels.filter((one) => one !== id),
              })
            }
          />
        ))}
        {items.length === 0 && (
          <span className="t3">
            Nobody: there is no channel yet. Incidents are listed here all the same.
          </span>
        )}
      </fieldset>
    </>
  )
}
