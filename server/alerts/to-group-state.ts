import type { RuleGroupState } from '../contract/index.ts'
import type { RuleGroup } from './rule-record.ts'

export function toGroupState(
  group: Pick<RuleGroup, 'labels' | 'state' | 'value' | 'n'>,
): RuleGroupState {
  const { state } = group
  return {
    group: group.labels,
    state: state.phase,
    health: state.health,
    value: group.value,
    n: group.n,
    since: state.clock?.since ?? null,
    lastTick: state.lastTick,
  }
}
