import { AppError } from '../platform/errors.ts'

const KEY_NAMES = /^(x[-_])?(api[-_]?key|access[-_]?token|authorization|bearer|auth|key|token)$/i
const OUR_KEY = /^sl_[a-z]{3}_/

/** 401 for a key in the address: addresses end up in the logs of every proxy on the way. */
export function refuseQueryKey(query: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(query)) {
    if (KEY_NAMES.test(name) || (typeof value === 'string' && OUR_KEY.test(value))) {
      throw new AppError(
        `send the key in a header (authorization or x-api-key), not as ${name.slice(0, 40)} in the address`,
        { status: 401, code: 'unauthenticated' },
      )
    }
  }
}
