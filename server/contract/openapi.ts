import * as z from 'zod/mini'
import {
  Channel,
  ChannelInput,
  ChannelList,
  Incident,
  IncidentList,
  Rule,
  RuleInput,
  RuleList,
} from './alert.ts'
import { DriftResult } from './drift.ts'
import { ApiError } from './error.ts'
import { ExplainResult } from './explain.ts'
import { FacetList } from './facet.ts'
import { IngestHealth } from './ingest-health.ts'
import { Ledger, LedgerWhere } from './ledger.ts'
import { ExemplarList, MetricResult } from './metric.ts'
import { OPERATIONS, type Operation } from './openapi-operations.ts'
import { PROJECT, type Json } from './openapi-parameters.ts'
import { Release, ReleaseInput, ReleaseList } from './release.ts'
import { Score, ScoreBody, ScoreList } from './score.ts'
import { Span, SpanList, SpanSummary } from './span.ts'
import { TraceDetail, TraceList, TraceSummary, TraceUsual, TraceNeighbours } from './trace.ts'
import { SavedView, SavedViewInput, SavedViewList } from './view.ts'

const ANSWERS = {
  FacetList,
  SavedView,
  SavedViewList,
  TraceNeighbours,
  ApiError,
  Channel,
  ChannelList,
  DriftResult,
  ExemplarList,
  ExplainResult,
  Incident,
  IncidentList,
  IngestHealth,
  Ledger,
  LedgerWhere,
  MetricResult,
  Release,
  ReleaseList,
  Rule,
  RuleList,
  Score,
  ScoreList,
  Span,
  SpanList,
  SpanSummary,
  TraceDetail,
  TraceList,
  TraceSummary,
  TraceUsual,
}
const BODIES = { ChannelInput, ReleaseInput, RuleInput, ScoreBody, SavedViewInput }

/** OpenAPI 3.1 of everything under /api/v1, made of the schemas that check it. */
export function openApiDocument(): Json {
  const paths: Record<string, Json> = {}
  for (const operation of OPERATIONS) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describe(operation) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Sightline', version: '1' },
    servers: [{ url: '/api/v1' }],
    paths,
    components: { schemas: { ...schemasOf(ANSWERS, 'output'), ...schemasOf(BODIES, 'input') } },
  }
}

function describe(operation: Operation): Json {
  const { path, summary, parameters = [], body, answer, status = 200 } = operation
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  return {
    summary,
    parameters: [...inPath, ...parameters, PROJECT],
    ...(body === undefined ? {} : { requestBody: { required: true, ...contentOf(body) } }),
    responses: {
      [String(status)]: {
        description: 'Done',
        ...(answer === undefined ? {} : contentOf(answer)),
      },
      default: { description: 'What failed and why', ...contentOf('ApiError') },
    },
  }
}

function contentOf(schema: string): Json {
  return { content: { 'application/json': { schema: { $ref: refOf(schema) } } } }
}

function schemasOf(schemas: Record<string, z.ZodMiniType>, io: 'input' | 'output'): Json {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id })
  const made = z.toJSONSchema(registry, { io, uri: refOf })
  const named = Object.entries(made.schemas).filter(([id]) => id !== '__shared')
  return Object.fromEntries(named.map(([id, schema]) => [id, toOpenApi(schema)]))
}

function refOf(id: string): string {
  return `#/components/schemas/${id}`
}

/** Leaves out what OpenAPI names itself; fields may be added later; any JSON value is `{}`. */
function toOpenApi(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(toOpenApi)
  if (typeof node !== 'object' || node === null) return node
  if ('$ref' in node && String(node.$ref).includes('/$defs/')) return {}
  const kept = Object.entries(node).filter(
    ([key, value]) =>
      !['$schema', '$id', '$defs'].includes(key) &&
      !(key === 'additionalProperties' && value === false),
  )
  return Object.fromEntries(kept.map(([key, value]) => [key, toOpenApi(value)]))
}
