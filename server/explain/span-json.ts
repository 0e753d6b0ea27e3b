import type { ReadSql } from '../db/read-within.ts'
import type { Fragment } from '../spans/span-scope.ts'
import type { SampledSpan } from './sample.ts'

/**
 * A span as an array of its values. Tens of thousands are read at once: as one text a
 * trace they keep this process busy for half as long as the driver does with rows of twenty columns.
 */
export type SpanTuple = [
  spanId: string,
  parentSpanId: string | null,
  startUs: number,
  endUs: number,
  name: string,
  isError: boolean,
  service: string | null,
  environment: string | null,
  release: string | null,
  model: string | null,
  provider: string | null,
  operation: string | null,
  prompt: string | null,
  tool: string | null,
  errorType: string | null,
  user: string | null,
  session: string | null,
  tags: string[] | null,
  finishReasons: string[] | null,
  ttftUs: number | null,
  costNanoUsd: number | null,
  tokens: number | null,
]

/** The JSON of SpanTuple for a span `s`. */
export function spanJson(read: ReadSql): Fragment {
  return read`json_build_array(s.span_id::text, s.parent_span_id::text,
    (date_part('epoch', s.started_at) * 1000000)::int8,
    (date_part('epoch', s.ended_at) * 1000000)::int8,
    s.name, s.flags & 2 <> 0, s.service, s.environment, s.release,
    case when s.type in ('llm', 'embedding') then coalesce(s.response_model, s.request_model) end,
    s.provider, s.operation, s.prompt_name || coalesce('@' || s.prompt_version, ''), s.tool_name,
    s.error_type, s.user_id, s.session_id, s.tags, s.finish_reasons, s.ttft_us,
    case when s.flags & 1 <> 0 then s.cost_nano_usd end,
    case when s.flags & 1 <> 0 and (s.input_tokens is not null or s.output_tokens is not null)
      then coalesce(s.input_tokens, 0) + coalesce(s.output_tokens, 0) end)`
}

export function toSpan(tuple: SpanTuple): SampledSpan {
  return {
    spanId: tuple[0],
    parentSpanId: tuple[1],
    startUs: tuple[2],
    endUs: tuple[3],
    name: tuple[4],
    isError: tuple[5],
    service: tuple[6],
    environment: tuple[7],
    release: tuple[8],
    model: tuple[9],
    provider: tuple[10],
    operation: tuple[11],
    prompt: tuple[12],
    tool: tuple[13],
    errorType: tuple[14],
    user: tuple[15],
    session: tuple[16],
    tags: tuple[17] ?? [],
    finishReasons: tuple[18] ?? [],
    ttftUs: tuple[19],
    costNanoUsd: tuple[20],
    tokens: tuple[21],
  }
}
