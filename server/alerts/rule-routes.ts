import { Router } from 'express'
import * as z from 'zod/mini'
import type { Rule, RuleInput } from '../contract/index.ts'
import type { Context } from '../context.ts'
import type { Sql } from '../db/client.ts'
import { InvalidValueError, NotFoundError } from '../platform/errors.ts'
import { databaseNow, encodeCursor, parseCursor, parseLimit } from '../platform/query-params.ts'
import { parseProject } from '../platform/query-params.ts'
import { findUnknownChannels } from './channels.ts'
import { closeRule } from './close-rule.ts'
import { listEvaluations } from './evaluations.ts'
import { checkAnswerable, type MetricSource } from './metric-source.ts'
import { parseAlertBody, parseRule } from './parse-alert-body.ts'
import { PreviewRange, previewRule } from './preview.ts'
import { findRule, insertRule, listRules, updateRule } from './rules.ts'

const RuleCursor = z.string()
const EvaluationCursor = z.object({ tick: z.number(), groupKey: z.string() })

export function ruleRoutes({ sql, bus }: Context, source: MetricSource): Router {
  const router = Router()

  router.get('/alerts/rules', async function getRules(request, response) {
    const projectId = parseProject(request)
    const limit = parseLimit(request.query)
    const after = parseCursor(request.query, RuleCursor)
    const items = await listRules(sql, { projectId, limit, after })
    const last = items.length < limit ? undefined : items.at(-1)?.id
    response.json({ items, nextCursor: last === undefined ? null : encodeCursor(last) })
  })

  router.post('/alerts/rules', async function postRule(request, response) {
    const projectId = parseProject(request)
    const input = await readRule({ sql, source }, projectId, request.body)
    const ruleId = await insertRule(sql, projectId, input)
    response.status(201).json(await getRule(sql, { projectId, ruleId }))
  })

  router.get('/alerts/rules/:id', async function getOneRule(request, response) {
    const key = { projectId: parseProject(request), ruleId: request.params.id }
    response.json(await getRule(sql, key))
  })

  router.put('/alerts/rules/:id', async function putRule(request, response) {
    const key = { projectId: parseProject(request), ruleId: request.params.id }
    const before = await getRule(sql, key)
    const input = await readRule({ sql, source }, key.projectId, request.body)
    if (before.enabled && !input.enabled) await close(key, 'rule_disabled')
    if (!(await updateRule(sql, key, input))) throw noRule(key.ruleId)
    response.json(await getRule(sql, key))
  })

  router.delete('/alerts/rules/:id', async function deleteRule(request, response) {
    await close({ projectId: parseProject(request), ruleId: request.params.id }, 'rule_deleted')
    response.status(204).end()
  })

  router.get('/alerts/rules/:id/evaluations', async function getEvaluations(request, response) {
    const key = { projectId: parseProject(request), ruleId: request.params.id }
    await getRule(sql, key)
    const limit = parseLimit(request.query)
    const after = parseCursor(request.query, EvaluationCursor)
    const { items, last } = await listEvaluations(sql, { ...key, limit, after })
    const isEnd = items.length < limit || last === undefined
    response.json({ items, nextCursor: isEnd ? null : encodeCursor(last) })
  })

  router.post('/alerts/preview', async function postPreview(request, response) {
    const projectId = parseProject(request)
    const { from, to } = parseAlertBody(PreviewRange, request.body)
    const { rule: raw } = parseAlertBody(z.object({ rule: z.unknown() }), request.body)
    const rule = parseRule(raw)
    response.json(await previewRule(source, { projectId, rule, from, to }))
  })

  async function close(
    key: { projectId: string; ruleId: string },
    reason: 'rule_deleted' | 'rule_disabled',
  ): Promise<void> {
    const incidents = await closeRule(sql, { ...key, reason })
    if (incidents === undefined) throw noRule(key.ruleId)
    for (const incident of incidents) {
      bus.publish('incident-changed', { projectId: key.projectId, incident })
    }
  }

  return router
}

type RuleChecks = { sql: Sql; source: MetricSource }

async function readRule(
  { sql, source }: RuleChecks,
  projectId: string,
  body: unknown,
): Promise<RuleInput> {
  const input = parseRule(body)
  const [missing] = await findUnknownChannels(sql, projectId, input.channels)
  if (missing !== undefined) {
    throw new InvalidValueError(
      `there is no channel ${JSON.stringify(missing)}; create it first`,
      'channels',
    )
  }
  const tick = Math.floor((await databaseNow(sql)) / 60_000) * 60_000
  await checkAnswerable(source, { projectId, input, tick })
  return input
}

async function getRule(sql: Sql, key: { projectId: string; ruleId: string }): Promise<Rule> {
  const rule = await findRule(sql, key)
  if (rule === undefined) throw noRule(key.ruleId)
  return rule
}

function noRule(ruleId: string): NotFoundError {
  return new NotFoundError(`there is no alert rule ${JSON.stringify(ruleId.slice(0, 80))}`)
}
