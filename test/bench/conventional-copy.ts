import { mkdtemp, rm, writeFile, chmod } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sql } from '../../server/db/client.ts'
import { makeSpans } from '../support/span-load.ts'

const ROWS = 20_000

/**
 * The rival of the ingest benchmark: spans/s of a server-side COPY from a file into conventional
 * rows (attributes as jsonb, prompt text inline, three indexes). No client, no decoding: an upper
 * bound for any pipeline that keeps such rows.
 */
export async function conventionalCopyRate(sql: Sql): Promise<number> {
  await sql`drop table if exists conventional_spans`
  await sql`create table conventional_spans (
    trace_id text not null, span_id text not null, name text not null,
    started_at timestamptz not null, ended_at timestamptz not null, model text,
    input_tokens int, output_tokens int, input text, output text, attributes jsonb,
    primary key (trace_id, span_id))`
  await sql`create index on conventional_spans (started_at)`
  await sql`create index on conventional_spans (model, started_at)`
  const folder = await mkdtemp(join(tmpdir(), 'sightline-copy-'))
  try {
    await chmod(folder, 0o755)
    const file = join(folder, 'rows.tsv')
    await writeFile(file, makeSpans(ROWS, { endMs: Date.now() }).map(rowOf).join(''))
    const startedAt = performance.now()
    await sql.unsafe(`copy conventional_spans from '${file}'`)
    return ROWS / ((performance.now() - startedAt) / 1_000)
  } finally {
    await rm(folder, { recursive: true, force: true })
    await sql`drop table conventional_spans`
  }
}

function rowOf(span: ReturnType<typeof makeSpans>[number]): string {
  const { attributes = {} } = span
  const { 'gen_ai.input.messages': input, 'gen_ai.output.messages': output, ...rest } = attributes
  return `${[
    span.traceId,
    span.spanId,
    span.name,
    new Date(span.startMs).toISOString(),
    new Date(span.endMs).toISOString(),
    attributes['gen_ai.response.model'],
    attributes['gen_ai.usage.input_tokens'],
    attributes['gen_ai.usage.output_tokens'],
    input,
    output,
    JSON.stringify(rest),
  ]
    .map((value) => String(value).replaceAll('\\', '\\\\'))
    .join('\t')}\n`
}
