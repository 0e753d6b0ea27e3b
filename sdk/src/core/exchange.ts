export type ExchangeRequest = {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export type ExchangeResponse = {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly acceptEncoding: string | undefined
  /** What else the collector takes. */
  readonly accepts: string | undefined
  readonly body: Uint8Array
}

/** One POST to the collector and its answer; rejects when the network fails. */
export interface Exchange {
  post(request: ExchangeRequest): Promise<ExchangeResponse>
  close(): void
}
