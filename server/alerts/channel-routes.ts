import { Router } from 'express'
import * as z from 'zod/mini'
import { ChannelInput, type Channel } from '../contract/index.ts'
import type { Context } from '../context.ts'
import { AppError, InvalidValueError, NotFoundError } from '../platform/errors.ts'
import { encodeCursor, parseCursor, parseLimit, parseProject } from '../platform/query-params.ts'
import { single } from '../platform/query-params.ts'
import { checkOutboundUrl, type OutboundPolicy } from '../platform/safe-fetch.ts'
import { newWebhookSecret } from './channels/webhook.ts'
import * as channels from './channels.ts'
import type { DeliveryContext } from './deliver.ts'
import { listDeliveries } from './deliveries.ts'
import { parseAlertBody } from './parse-alert-body.ts'
import { testChannel } from './test-channel.ts'

const ChannelCursor = z.string()
const DeliveryCursor = z.object({ attemptedAt: z.number(), id: z.string() })

export function channelRoutes({ sql }: Context, delivery: DeliveryContext): Router {
  const router = Router()
  const { policy } = delivery

  router.get('/alerts/channels', async function getChannels(request, response) {
    const projectId = parseProject(request)
    const limit = parseLimit(request.query)
    const after = parseCursor(request.query, ChannelCursor)
    const items = await channels.listChannels(sql, { projectId, limit, after })
    const last = items.length < limit ? undefined : items.at(-1)?.id
    response.json({ items, nextCursor: last === undefined ? null : encodeCursor(last) })
  })

  router.post('/alerts/channels', async function postChannel(request, response) {
    const input = await readChannel(request.body, policy)
    const secret = input.config.secret ?? newWebhookSecret()
    const config = { ...input.config, secret }
    const channel = await channels.insertChannel(sql, parseProject(request), { ...input, config })
    // The only answer that holds the secret.
    response.status(201).json({ ...channel, config: { ...channel.config, secret } })
  })

  router.get('/alerts/channels/:id', async function getChannel(request, response) {
    const key = { projectId: parseProject(request), channelId: request.params.id }
    const channel = await channels.findChannel(sql, key)
    if (channel === undefined) throw noChannel(key.channelId)
    response.json(channel)
  })

  router.put('/alerts/channels/:id', async function putChannel(request, response) {
    const key = { projectId: parseProject(request), channelId: request.params.id }
    const before = await channels.findChannel(sql, key)
    if (before === undefined) throw noChannel(key.channelId)
    const input = await readChannel(request.body, policy)
    requireSecretForNewHost(before, input)
    const channel = await channels.updateChannel(sql, key, input)
    if (channel === undefined) throw noChannel(key.channelId)
    response.json(channel)
  })

  router.delete('/alerts/channels/:id', async function deleteChannel(request, response) {
    const key = { projectId: parseProject(request), channelId: request.params.id }
    const result = await channels.deleteChannel(sql, key)
    if (result.status === 'missing') throw noChannel(key.channelId)
    if (result.status === 'used') {
      const names = result.rules.slice(0, 5).join(', ')
      const message = `rules still send to this channel: ${names}; take it out of them first`
      throw new AppError(message, { status: 409, code: 'conflict' })
    }
    response.status(204).end()
  })

  router.post('/alerts/channels/:id/test', async function postTest(request, response) {
    const projectId = parseProject(request)
    const channelId = request.params.id
    const channel = await channels.findSecretChannel(sql, { projectId, channelId })
    if (channel === undefined) throw noChannel(channelId)
    response.json(await testChannel(delivery, projectId, channel))
  })

  return router
}

export function deliveryRoutes({ sql }: Context): Router {
  const router = Router()

  router.get('/alerts/deliveries', async function getDeliveries(request, response) {
    const limit = parseLimit(request.query)
    const items = await listDeliveries(sql, {
      projectId: parseProject(request),
      limit,
      channelId: single(request.query, 'channel'),
      incidentId: single(request.query, 'incident'),
      after: parseCursor(request.query, DeliveryCursor),
    })
    const last = items.length < limit ? undefined : items.at(-1)
    const next =
      last === undefined ? null : encodeCursor({ attemptedAt: last.attemptedAt, id: last.id })
    response.json({ items, nextCursor: next })
  })

  return router
}

async function readChannel(body: unknown, policy: OutboundPolicy): Promise<ChannelInput> {
  const input = parseAlertBody(ChannelInput, body)
  const checked = await checkOutboundUrl(input.config.url, policy)
  if (checked.status === 'refused') throw new InvalidValueError(checked.message, 'config.url')
  return input
}

/** Or whoever may edit a channel could have its secret sign messages to a host of their own. */
function requireSecretForNewHost(before: Channel, { config }: ChannelInput): void {
  if (config.secret !== undefined) return
  const oldHost = new URL(before.config.url).host
  const newHost = new URL(config.url).host
  if (oldHost === newHost) return
  throw new InvalidValueError(
    `the host changes from ${oldHost} to ${newHost}: give a secret for it`,
    'config.secret',
  )
}

function noChannel(channelId: string): NotFoundError {
  return new NotFoundError(`there is no channel ${JSON.stringify(channelId.slice(0, 80))}`)
}
