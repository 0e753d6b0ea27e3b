import { Switch } from '@mantine/core'
import {
  unitOfMetric,
  type Rule,
  type RuleGroupState,
  type RuleInput,
  type RuleList,
} from '@sightline/server/contract'
import { IconTrash } from '@tabler/icons-react'
import { useMutation, useQueryClient, type UseQueryResult } from '@tanstack/react-query'
import { useState } from 'react'
import { deleteRule, keys, updateRule } from '../../api/queries.ts'
import { countText, metricText } from '../../lib/format.ts'
import { ErrorState, failureOf } from '../../ui/ErrorState.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { StatusIcon, type StatusShape } from '../../ui/StatusIcon.tsx'
import { groupText, ruleSentence } from './rule-sentence.ts'

export function Rules({ query }: { query: UseQueryResult<RuleList> }) {
  if (query.isPending)
    return (
      <div className="pad">
        <Skeleton height={62} />
      </div>
    )
  if (query.isError)
    return (
      <ErrorState
        what="Rules could not be loaded"
        failure={failureOf(query.error)}
        onRetry={() => void query.refetch()}
      />
    )
  return (
    <ul className="rule-list" data-testid="rule-list">
      {query.data.items.map((rule) => (
        <RuleItem key={rule.id} rule={rule} />
      ))}
    </ul>
  )
}

function RuleItem({ rule }: { rule: Rule }) {
  const queryClient = useQueryClient()
  const refresh = async (): Promise<void> => {
    await Promise.all(
      [keys.rules, keys.incidents].map((queryKey) => queryClient.invalidateQueries({ queryKey })),
    )
  }
  const update = useMutation({
    mutationFn: (input: RuleInput) => updateRule(rule.id, input),
    onSuccess: refresh,
  })
  const remove = useMutation({ mutationFn: () => deleteRule(rule.id), onSuccess: refresh })
  const error = update.error ?? remove.error
  return (
    <li className="rule" data-testid="rule" data-rule-id={rule.id}>
      <Switch
        aria-label={`${rule.name} enabled`}
        checked={rule.enabled}
        disabled={update.isPending}
        onChange={(event) =>
          update.mutate({ ...inputOf(rule), enabled: event.currentTarget.checked })
        }
      />
      <div className="rule-text">
        <b>{rule.name}</b>
        <span>{ruleSentence(rule)}</span>
        {error !== null && (
          <ErrorState what="The change was not saved" failure={failureOf(error)} />
        )}
      </div>
      <div className="rule-states">
        {!rule.enabled && <span className="status t3">paused</span>}
        {rule.enabled && rule.state.groups.length === 0 && (
          <span className="status t3">not evaluated yet</span>
        )}
        {rule.enabled &&
          rule.state.groups
            .slice(0, 5)
            .map((group) => <GroupState key={groupText(group.group)} group={group} rule={rule} />)}
        {rule.state.groups.length > 5 && (
          <span className="t3">+{rule.state.groups.length - 5}</span>
        )}
      </div>
      <DeleteButton
        name={rule.name}
        isPending={remove.isPending}
        onDelete={() => remove.mutate()}
      />
    </li>
  )
}

const LOOKS: Record<RuleGroupState['state'], { shape: StatusShape; tone: string }> = {
  ok: { shape: 'ok', tone: 'ok' },
  pending: { shape: 'warn', tone: 'warn' },
  firing: { shape: 'firing', tone: 'crit' },
  recovering: { shape: 'warn', tone: 'warn' },
}

function GroupState({ group, rule }: { group: RuleGroupState; rule: Rule }) {
  const { shape, tone } = LOOKS[group.state]
  const name = groupText(group.group)
  const value =
    group.value === null ? '' : metricText(group.value, unitOfMetric(rule.condition.metric))
  return (
    <span className="num" data-testid="rule-state" data-state={group.state}>
      <span className={`status ${tone}`}>
        <StatusIcon shape={shape} />
        {group.state}
      </span>
      <span className="t2">
        {' '}
        {value}
        {group.health === 'fresh' ? '' : ` ${group.health}`}
      </span>
      <span className="t3">
        {' '}
        n {countText(group.n)}
        {name === '' ? '' : `, ${name}`}
      </span>
    </span>
  )
}

/** Asks once, in place: the second press deletes. */
export function DeleteButton({
  name,
  isPending,
  onDelete,
}: {
  name: string
  isPending: boolean
  onDelete: () => void
}) {
  const [isAsking, setAsking] = useState(false)
  return (
    <button
      type="button"
      className={isAsking ? 'btn danger' : 'btn ghost'}
      disabled={isPending}
      aria-label={isAsking ? `Really delete ${name}` : `Delete ${name}`}
      onBlur={() => setAsking(false)}
      onClick={() => (isAsking ? onDelete() : setAsking(true))}
    >
      <IconTrash size={14} aria-hidden="true" />
      {isAsking && 'Delete?'}
    </button>
  )
}

function inputOf(rule: Rule): RuleInput {
  const { id: _id, version: _version, createdAt: _createdAt, state: _state, ...input } = rule
  return input
}
