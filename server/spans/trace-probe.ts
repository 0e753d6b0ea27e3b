import type { ReadSql } from '../db/read-within.ts'
import { slotOf } from '../projects/slot.ts'
import { isListed, storedDays, type Fragment } from './span-scope.ts'

/** A trace and the days, `YYYY-MM-DD`, between which spans of it were seen. */
export type TraceDays = { traceId: string; low: string; high: string }

/** The named traces as a query of `trace_id, low, high`. */
export function tracesOn(sql: ReadSql, traces: readonly TraceDays[]): Fragment {
  return sql`select * from unnest(
    ${traces.map((trace) => trace.traceId)}::uuid[],
    ${traces.map((trace) => trace.low)}::date[],
    ${traces.map((trace) => trace.high)}::date[]) as c(trace_id, low, high)`
}

/** The traces of a query of `trace_id`, on every day that has a partition. */
export function onEveryDay(sql: ReadSql, traces: Fragment): Fragment {
  return sql`select c.trace_id, d.low, d.high from (${traces}) c
    cross join (select min(day) as low, max(day) as high from ${storedDays(sql)}) d`
}

/**
 * Every span `s` of the traces `c(trace_id, low, high)` within their days. `offset 0` keeps each
 * trace and day one probe of that partition's primary key (7 µs), whatever the planner believes of
 * a partition that has no statistics yet.
 */
export function spansOfTraces(sql: ReadSql, traces: Fragment, projectId: string): Fragment {
  return sql`(${traces}) c
    cross join ${owner(sql, projectId)}
    cross join lateral generate_series(c.low::timestamp, c.high::timestamp, interval '1 day') as d(at)
    cross join lateral (
      select * from spans s
      where s.slot = owner.slot and s.project_id = owner.project_id
        and s.day = d.at::date and s.trace_id = c.trace_id
        and ${isListed(sql)}
      offset 0
    ) s`
}

/**
 * Slot and project as values that the planner does not see. Of a project that its statistics do not
 * know yet it expects no row at all, and then takes an index without the trace for as good as any.
 */
export function owner(sql: ReadSql, projectId: string): Fragment {
  return sql`(select ${slotOf(projectId)}::int4 as slot, ${projectId}::text as project_id offset 0) owner`
}
