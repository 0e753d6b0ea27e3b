/**
 * The only way out of this process to an address a user gave. It resolves the name once, refuses
 * unless every address is public, connects to the very addresses it checked, follows no redirect and
 * reads a bounded answer in bounded time.
 */
import { lookup as resolveName } from 'node:dns/promises'
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'

export type OutboundPolicy = {
  /** `host:port` pairs that may be reached though they are not public, over plain http too. */
  allow: readonly string[]
  timeoutMs?: number
}
export type OutboundRequest = {
  url: string
  method: 'POST' | 'GET'
  headers: Readonly<Record<string, string>>
  body: string
  signal?: AbortSignal
}
export type OutboundFault =
  | 'blocked_address'
  | 'invalid_url'
  | 'dns'
  | 'tls'
  | 'timeout'
  | 'network'
  | 'body_too_large'
  | 'aborted'
export type OutboundResult =
  | { status: 'response'; httpStatus: number; retryAfter: string | undefined; preview: string }
  | { status: 'failed'; fault: OutboundFault; message: string }
export type UrlCheck =
  | { status: 'ok'; url: URL; isAllowed: boolean }
  | { status: 'refused'; fault: 'blocked_address' | 'invalid_url'; message: string }
type Address = { address: string; family: 4 | 6 }
type Resolution =
  | { status: 'ok'; addresses: [Address, ...Address[]] }
  | { status: 'failed'; fault: 'blocked_address' | 'dns'; message: string }

const TIMEOUT_MS = 10_000
const MAX_RESPONSE_BYTES = 64 * 1024
const PREVIEW_BYTES = 1_024
const PORTS = new Set(['443', '8443'])

/** IANA special-purpose registries: nothing in them is a public host. */
const DENIED_V4 = denyList([
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
])
/** Apart, since a BlockList holds every IPv4 address to be in ::ffff:0:0/96. */
const DENIED_V6 = denyList([
  ['::', 96],
  ['::ffff:0:0', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 32],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
])
const GLOBAL_UNICAST_V6 = denyList([['2000::', 3]])
/** Public names whose owners point them at loopback for everybody. */
const LOOPBACK_NAMES =
  /(^|\.)(localhost|localtest\.me|lvh\.me|vcap\.me|localho\.st|readme\.localtest\.me)$/

export async function safeFetch(
  request: OutboundRequest,
  policy: OutboundPolicy,
): Promise<OutboundResult> {
  const checked = checkUrl(request.url, policy)
  if (checked.status === 'refused') {
    return { status: 'failed', fault: checked.fault, message: checked.message }
  }
  const timeoutMs = policy.timeoutMs ?? TIMEOUT_MS
  const timeout = AbortSignal.timeout(timeoutMs)
  const signal = request.signal === undefined ? timeout : AbortSignal.any([timeout, request.signal])
  try {
    const resolution = await within(resolvePublic(checked), signal)
    if (resolution.status === 'failed') return resolution
    return await exchange({ ...request, signal }, checked.url, resolution.addresses)
  } catch (error) {
    if (timeout.aborted) return failed('timeout', `no whole answer within ${timeoutMs} ms`)
    if (signal.aborted) return failed('aborted', 'stopped before an answer came')
    return toFailure(error)
  }
}

/** Whether a URL may be saved: as `safeFetch`, but an unresolvable name may become resolvable. */
export async function checkOutboundUrl(raw: string, policy: OutboundPolicy): Promise<UrlCheck> {
  const checked = checkUrl(raw, policy)
  if (checked.status === 'refused' || checked.isAllowed) return checked
  const resolution = await resolvePublic(checked)
  if (resolution.status === 'ok' || resolution.fault === 'dns') return checked
  return { status: 'refused', fault: resolution.fault, message: resolution.message }
}

/** Reads the URL and refuses what needs no look at the network. */
function checkUrl(raw: string, policy: OutboundPolicy): UrlCheck {
  if (!URL.canParse(raw)) return refused('invalid_url', 'it is not an absolute URL')
  // The parser has made plain IPv4 of 127.1, 2130706433 and 0x7f.1, and ASCII of the name.
  const url = new URL(raw)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return refused('invalid_url', `scheme '${url.protocol}' is not https`)
  }
  if (url.username !== '' || url.password !== '') {
    return refused('invalid_url', 'it holds a user name or password; use a secret instead')
  }
  if (policy.allow.includes(`${url.hostname}:${portOf(url)}`)) {
    return { status: 'ok', url, isAllowed: true }
  }
  return checkPublicUrl(url)
}

function checkPublicUrl(url: URL): UrlCheck {
  const host = bareHost(url)
  const port = portOf(url)
  if (isIP(host) > 0 ? !isPublic(host) : namesPrivateAddress(host)) {
    return refused(
      'blocked_address',
      `address is not public: ${host}; the operator may allow ${host}:${port} by SIGHTLINE_OUTBOUND_ALLOW`,
    )
  }
  if (url.protocol !== 'https:')
    return refused('invalid_url', 'plain http is not allowed; use https')
  if (!PORTS.has(port)) return refused('invalid_url', `port ${port} is neither 443 nor 8443`)
  return { status: 'ok', url, isAllowed: false }
}

function portOf(url: URL): string {
  if (url.port !== '') return url.port
  return url.protocol === 'https:' ? '443' : '80'
}

async function resolvePublic({
  url,
  isAllowed,
}: Extract<UrlCheck, { status: 'ok' }>): Promise<Resolution> {
  const host = bareHost(url)
  let addresses: Address[]
  try {
    const found = await resolveName(host, { all: true, order: 'verbatim' })
    addresses = found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }))
  } catch (error) {
    return {
      status: 'failed',
      fault: 'dns',
      message: `${host} cannot be resolved: ${codeOf(error)}`,
    }
  }
  const bad = isAllowed ? undefined : addresses.find(({ address }) => !isPublic(address))
  if (bad !== undefined) {
    return {
      status: 'failed',
      fault: 'blocked_address',
      message: `address is not public: ${host} resolves to ${bad.address}`,
    }
  }
  const [first, ...others] = addresses
  if (first === undefined) {
    return { status: 'failed', fault: 'dns', message: `${host} has no address` }
  }
  return { status: 'ok', addresses: [first, ...others] }
}

async function exchange(
  request: OutboundRequest & { signal: AbortSignal },
  url: URL,
  pinned: [Address, ...Address[]],
): Promise<OutboundResult> {
  const { promise, resolve, reject } = Promise.withResolvers<OutboundResult>()
  const pinnedLookup: LookupFunction = (_host, options, callback) => {
    if (options.all === true) callback(null, pinned)
    else callback(null, pinned[0].address, pinned[0].family)
  }
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  const outgoing = send(url, {
    method: request.method,
    headers: { ...request.headers, 'content-length': String(Buffer.byteLength(request.body)) },
    lookup: pinnedLookup,
    // An agent of its own: no connection of another address is reused, no proxy variable is read.
    agent: false,
    signal: request.signal,
  })
  outgoing.on('error', reject)
  outgoing.on('response', (response) => {
    readBounded(outgoing, response).then(resolve, reject)
  })
  outgoing.end(request.body)
  return promise
}

async function readBounded(
  outgoing: ClientRequest,
  response: IncomingMessage,
): Promise<OutboundResult> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MAX_RESPONSE_BYTES) {
      outgoing.destroy()
      return failed('body_too_large', `the answer is over ${MAX_RESPONSE_BYTES} bytes`)
    }
    chunks.push(chunk)
  }
  return {
    status: 'response',
    httpStatus: response.statusCode ?? 0,
    retryAfter: response.headers['retry-after'],
    preview: Buffer.concat(chunks)
      .subarray(0, PREVIEW_BYTES)
      .toString('utf8')
      .replaceAll('\0', '�'),
  }
}

/** A look-up cannot be cancelled, so its result is left behind when the time is over. */
async function within<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(new Error('aborted', { cause: signal.reason }))
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !DENIED_V4.check(address, 'ipv4')
  // A zone id names an interface of this host.
  if (isIP(address) !== 6 || address.includes('%')) return false
  return GLOBAL_UNICAST_V6.check(address, 'ipv6') && !DENIED_V6.check(address, 'ipv6')
}

/** Names that say which private address they stand for: localhost, 10-0-0-1.sslip.io, 7f000001.nip.io. */
function namesPrivateAddress(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '')
  if (name === '' || LOOPBACK_NAMES.test(name)) return true
  const dotted = /(?:^|[.-])(\d{1,3})[.-](\d{1,3})[.-](\d{1,3})[.-](\d{1,3})(?:[.-]|$)/.exec(name)
  if (dotted !== null) {
    const address = dotted.slice(1).map(Number).join('.')
    if (isIP(address) === 4 && !isPublic(address)) return true
  }
  const hex = /(?:^|[.-])([0-9a-f]{8})\.(?:nip|sslip|xip)\.io$/.exec(name)?.[1]
  return hex !== undefined && !isPublic(Buffer.from(hex, 'hex').join('.'))
}

function bareHost(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1')
}

const TLS_CODE = /^(ERR_TLS|ERR_SSL|EPROTO|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/

function toFailure(error: unknown): OutboundResult {
  const code = codeOf(error)
  return failed(TLS_CODE.test(code) ? 'tls' : 'network', code)
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code : error.message
}

function failed(fault: OutboundFault, message: string): OutboundResult {
  return { status: 'failed', fault, message }
}

function refused(fault: 'blocked_address' | 'invalid_url', message: string): UrlCheck {
  return { status: 'refused', fault, message }
}

function denyList(nets: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList()
  for (const [net, prefix] of nets) list.addSubnet(net, prefix, isIP(net) === 4 ? 'ipv4' : 'ipv6')
  return list
}
