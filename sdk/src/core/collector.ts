/** What the answers of a collector have told of it. */
export type Collector = {
  /** Content may come as the lists and maps it is, and need not be JSON in a text. */
  takesStructured: boolean
}

/** The answer's header in which a collector names what it takes beyond OTLP's common ground. */
export const ACCEPTS_HEADER = 'sightline-accepts'
export const STRUCTURED_CONTENT = 'structured-content'
