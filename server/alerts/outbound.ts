import type { Config } from '../config.ts'
import type { OutboundPolicy } from '../platform/safe-fetch.ts'

/** What messages need of the settings: whom they may reach, and the base of their links. */
export function outboundOf(config: Config): { policy: OutboundPolicy; externalUrl: string } {
  const host = config.host.includes(':') ? `[${config.host}]` : config.host
  return {
    policy: { allow: config.outboundAllow },
    externalUrl: `http://${host}:${config.port}`,
  }
}
