/** An error with an answer: `error-handler.ts` alone makes HTTP of it. */
export class AppError extends Error {
  readonly status: number
  readonly code: string
  readonly field: string | undefined
  readonly retryAfterS: number | undefined

  constructor(
    message: string,
    options: {
      status: number
      code: string
      field?: string
      retryAfterS?: number
      cause?: unknown
    },
  ) {
    super(message, { cause: options.cause })
    this.name = new.target.name
    this.status = options.status
    this.code = options.code
    this.field = options.field
    this.retryAfterS = options.retryAfterS
  }
}

/** 400: the request cannot be read. */
export class BadRequestError extends AppError {
  constructor(message: string, field?: string) {
    super(message, { status: 400, code: 'bad_request', ...(field === undefined ? {} : { field }) })
  }
}

/** 422: understood, but refused; `field` names the value. */
export class InvalidValueError extends AppError {
  constructor(message: string, field: string) {
    super(message, { status: 422, code: 'invalid_value', field })
  }
}

export class NotFoundError extends AppError {
  constructor(message: string) {
    super(message, { status: 404, code: 'not_found' })
  }
}

/** 503: nothing was kept; the caller may retry after `retryAfterS`. */
export class UnavailableError extends AppError {
  constructor(message: string, options: { retryAfterS?: number; cause?: unknown } = {}) {
    super(message, {
      status: 503,
      code: 'unavailable',
      retryAfterS: options.retryAfterS ?? 2,
      cause: options.cause,
    })
  }
}
