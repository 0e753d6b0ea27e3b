import type { LedgerEntry, LedgerSignal, LedgerSource } from '../ledger/ledger-entry.ts'
import { minuteOf } from '../ledger/ledger-entry.ts'
import type { SourceBook } from '../ledger/source-book.ts'
import { RequestSources, type SenderGroup } from './count-in-ledger.ts'
import type { ExportAnswer } from './export-answer.ts'

type Counts = {
  stored: number
  duplicate: number
  conflict: number
  rejected: Record<string, number>
}

export type Sender = { group: SenderGroup; dialect: string }

const MAX_MESSAGES = 50
const AND_OTHERS = 'and others'

/** What became of each record (or data point) of a request: for its answer and for the ledger. */
export class RecordAccount {
  readonly #context: { projectId: string; nowMs: number; signal: LedgerSignal }
  readonly #counts = new Map<LedgerSource, Counts>()
  readonly #sources: RequestSources
  readonly #messages = new Map<string, number>()
  #rejected = 0

  constructor(context: {
    projectId: string
    nowMs: number
    signal: LedgerSignal
    book: SourceBook
  }) {
    this.#context = context
    this.#sources = new RequestSources(context.book, context.projectId, context.nowMs)
  }

  sourceOf({ group, dialect }: Sender): LedgerSource {
    return this.#sources.sourceOf(group, dialect)
  }

  stored(sender: Sender): void {
    this.#countsOf(sender).stored += 1
  }

  duplicate(sender: Sender): void {
    this.#countsOf(sender).duplicate += 1
  }

  reject(sender: Sender, { reason, message }: { reason: string; message: string }): void {
    const { rejected } = this.#countsOf(sender)
    rejected[reason] = (rejected[reason] ?? 0) + 1
    this.#rejected += 1
    this.tell(message)
  }

  /** For the answer, of what the ledger counts elsewhere. */
  refusedBy(message: string): void {
    this.#rejected += 1
    this.tell(message)
  }

  tell(message: string): void {
    const isKnown = this.#messages.has(message) || this.#messages.size < MAX_MESSAGES
    const key = isKnown ? message : AND_OTHERS
    this.#messages.set(key, (this.#messages.get(key) ?? 0) + 1)
  }

  answer(): ExportAnswer {
    const messages = [...this.#messages].map(([text, n]) => (n === 1 ? text : `${n} × ${text}`))
    return { rejected: this.#rejected, messages }
  }

  entries(): LedgerEntry[] {
    const { projectId, nowMs, signal } = this.#context
    const key = { projectId, minuteMs: minuteOf(nowMs), signal }
    return [...this.#counts].map(([source, counts]) => ({ ...key, source, ...counts }))
  }

  #countsOf(sender: Sender): Counts {
    const source = this.sourceOf(sender)
    let counts = this.#counts.get(source)
    if (counts === undefined) {
      counts = { stored: 0, duplicate: 0, conflict: 0, rejected: {} }
      this.#counts.set(source, counts)
    }
    return counts
  }
}
