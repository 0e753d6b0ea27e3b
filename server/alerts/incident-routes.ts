import { Router } from 'express'
import * as z from 'zod/mini'
import type { Context } from '../context.ts'
import { NotFoundError } from '../platform/errors.ts'
import { encodeCursor, parseChoice, parseCursor, parseLimit } from '../platform/query-params.ts'
import { parseProject } from '../platform/query-params.ts'
import { acknowledgeIncident, INCIDENT_STATES, listIncidents } from './incidents.ts'
import { parseAlertBody } from './parse-alert-body.ts'

const IncidentCursor = z.object({ startedAt: z.number(), incidentId: z.string() })
const Acknowledgement = z.object({
  by: z._default(z.string().check(z.minLength(1), z.maxLength(200)), 'local'),
})

export function incidentRoutes({ sql, bus }: Context): Router {
  const router = Router()

  router.get('/alerts/incidents', async function getIncidents(request, response) {
    const limit = parseLimit(request.query)
    const items = await listIncidents(sql, {
      projectId: parseProject(request),
      state: parseChoice(request.query, 'state', INCIDENT_STATES),
      limit,
      after: parseCursor(request.query, IncidentCursor),
    })
    const last = items.length < limit ? undefined : items.at(-1)
    const next =
      last === undefined ? null : encodeCursor({ startedAt: last.startAt, incidentId: last.id })
    response.json({ items, nextCursor: next })
  })

  router.post('/alerts/incidents/:id/ack', async function postAck(request, response) {
    const projectId = parseProject(request)
    const incidentId = request.params.id
    const { by } = parseAlertBody(Acknowledgement, request.body ?? {})
    const incident = await acknowledgeIncident(sql, { projectId, incidentId, by })
    if (incident === undefined) {
      throw new NotFoundError(`there is no incident ${JSON.stringify(incidentId.slice(0, 80))}`)
    }
    bus.publish('incident-changed', { projectId, incident })
    response.json(incident)
  })

  return router
}
