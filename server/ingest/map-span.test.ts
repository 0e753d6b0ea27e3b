import { describe, expect, it } from 'vitest'
import type { SpanRecord } from '../spans/span.ts'
import { decodeTracesJson } from './decode-json.ts'
import { normaliseTraces } from './normalise.ts'
import { sampleBody, type SampleSpan } from './sample-otlp.ts'

function recordOf(sample: SampleSpan): SpanRecord {
  const [record] = normaliseTraces(decodeTracesJson(sampleBody(sample)), { nowUs: 0 }).records
  if (record === undefined) throw new Error('no record')
  return record
}

const chat = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'gpt-4o-mini' }

describe('environment and release', () => {
  const resource = { 'deployment.environment.name': 'production', 'service.version': '1.0.0' }

  it('are the resource’s', () => {
    const record = recordOf({ attributes: chat, resource })

    expect(record).toMatchObject({ environment: 'production', release: '1.0.0' })
  })

  it('are the span’s own where its dialect has them there', () => {
    const attributes = {
      'langfuse.observation.type': 'generation',
      'langfuse.environment': 'staging',
      'langfuse.release': 'v1.2.3',
    }

    const record = recordOf({ attributes, resource })

    expect(record).toMatchObject({ environment: 'staging', release: 'v1.2.3' })
  })
})

describe('Pydantic AI before its version 2', () => {
  const scope = { name: 'pydantic-ai' }

  it('has agents without an operation, whose usage repeats their calls', () => {
    const attributes = {
      agent_name: 'assistant',
      model_name: 'gpt-4o-mini',
      all_messages_events: '[]',
      'gen_ai.usage.input_tokens': 42,
      'gen_ai.usage.output_tokens': 17,
    }

    expect(recordOf({ attributes, scope })).toMatchObject({
      type: 'agent',
      agentName: 'assistant',
      countsTokens: false,
    })
  })

  it('has tools without an operation', () => {
    const attributes = { 'gen_ai.tool.name': 'get_weather', tool_arguments: '{}' }

    expect(recordOf({ attributes, scope })).toMatchObject({ type: 'tool', toolName: 'get_weather' })
  })
})

describe('an instant of the first chunk', () => {
  const record = (instant: string) =>
    recordOf({
      attributes: {
        'langfuse.observation.type': 'generation',
        'langfuse.observation.completion_start_time': JSON.stringify(instant),
      },
      fields: {
        startTimeUnixNano: '1795392000000400000',
        endTimeUnixNano: '1795392001000000000',
      },
    })

  it.each([
    ['2026-11-23T00:00:00.150Z', 149_600, true],
    ['2026-11-23T00:00:00.150123Z', 149_600, true],
    // Rounded down to just before the start.
    ['2026-11-23T00:00:00.000Z', 0, null],
    // A recording, replayed with its span moved by days.
    ['2026-11-20T00:00:00.150Z', 149_600, true],
    ['2026-11-23T00:00:05.000Z', null, null],
    ['soon', null, null],
  ])('%s is %s µs', (instant, ttftUs, streaming) => {
    expect(record(instant)).toMatchObject({ ttftUs, streaming })
  })
})
