import type { Dialect } from './dialect.ts'
import { genAi } from './gen-ai.ts'
import { openinference } from './openinference.ts'
import { otel } from './otel.ts'
import { sightline } from './sightline.ts'
import { traceloop } from './traceloop.ts'

/** In order of precedence: where a span carries several namespaces, the first wins per field. */
export const DIALECTS: readonly Dialect[] = [sightline, genAi, openinference, traceloop, otel]
