import { toLedgerText, type LedgerSource } from './ledger-entry.ts'

/** Sources of one project and day; a sender that makes up names must not fill the ledger. */
const MAX_SOURCES = 300
const MAX_PROJECTS = 1_000
const DAY_MS = 86_400_000
const OTHER = '__other__'

/** Beyond the bound all sources are one. */
export const OTHER_SOURCE: LedgerSource = {
  dialect: OTHER,
  sdk: OTHER,
  sdkVersion: null,
  service: OTHER,
}

/** Gives equal sources of a project the same object, and those beyond the bound `__other__`. */
export class SourceBook {
  #day = 0
  readonly #byProject = new Map<string, Map<string, LedgerSource>>()

  find(projectId: string, source: LedgerSource, nowMs: number): LedgerSource {
    const day = Math.floor(nowMs / DAY_MS)
    if (day !== this.#day || this.#byProject.size > MAX_PROJECTS) {
      this.#day = day
      this.#byProject.clear()
    }
    let known = this.#byProject.get(projectId)
    if (known === undefined) {
      known = new Map()
      this.#byProject.set(projectId, known)
    }
    const key = [source.dialect, source.sdk, source.sdkVersion, source.service]
      .map(toLedgerText)
      .join('\u0000')
    const same = known.get(key)
    if (same !== undefined) return same
    if (known.size >= MAX_SOURCES) return OTHER_SOURCE
    const kept = bounded(source)
    known.set(key, kept)
    return kept
  }
}

/** What the ledger writes of the names: a sender may give some of many megabytes. */
function bounded({ dialect, sdk, sdkVersion, service }: LedgerSource): LedgerSource {
  return {
    dialect: cut(dialect),
    sdk: sdk === null ? null : cut(sdk),
    sdkVersion: sdkVersion === null ? null : cut(sdkVersion),
    service: service === null ? null : cut(service),
  }
}

/** A copy, as a part of a string keeps the whole of it in memory. */
function cut(name: string): string {
  return Buffer.from(toLedgerText(name)).toString()
}
