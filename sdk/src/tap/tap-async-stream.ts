import type { CallRecorder } from './call-recorder.ts'
import { defineHidden } from '../core/define-hidden.ts'
import { override } from './own-property.ts'
import { forwardIterator } from './tap-stream.ts'
import type { AbortFlag } from './tap-stream.ts'

type Chunks = AsyncIterator<unknown, unknown, unknown>

/** A stream that is an async generator itself, or makes one for each reader. */
export type AsyncStream = {
  [Symbol.asyncIterator]: () => Chunks
  next?: Chunks['next']
  readonly abortController?: { readonly signal?: AbortFlag }
}

export function isAsyncStream(value: unknown): value is AsyncStream {
  return (
    typeof value === 'object' &&
    value !== null &&
    Symbol.asyncIterator in value &&
    typeof value[Symbol.asyncIterator] === 'function'
  )
}

// Whoever drops a stream without closing it tells us only by its disappearance.
const dropped = new FinalizationRegistry<CallRecorder>((recorder) => recorder.endUnread())

/** Watches what is read from a stream; the stream object and its chunks stay the application's. */
export function tapAsyncStream(stream: AsyncStream, recorder: CallRecorder): void {
  recorder.openStream()
  dropped.register(stream, recorder, recorder)
  if (isIterator(stream)) tapIterator(stream, recorder)
  else tapReaders(stream, recorder)
}

function isIterator(stream: object): stream is Chunks {
  return 'next' in stream && typeof stream.next === 'function'
}

/** Reading begins with the first step. */
function tapIterator(chunks: Chunks, recorder: CallRecorder): void {
  forwardIterator(chunks, recorder, recorder.signal)
  const next = chunks.next.bind(chunks)
  let isBegun = false
  override(chunks, 'next', function firstNext(...args: [] | [unknown]) {
    if (!isBegun) isBegun = recorder.beginStream()
    return next(...args)
  })
}

/** Reading begins when somebody asks for an iterator, which the first one gets watched. */
function tapReaders(stream: AsyncStream, recorder: CallRecorder): void {
  const makeIterator = stream[Symbol.asyncIterator]
  defineHidden(stream, Symbol.asyncIterator, function iterator(this: unknown) {
    const chunks = makeIterator.call(this)
    if (recorder.beginStream()) {
      // A running loop holds the iterator alone, so from here on that is what may disappear.
      dropped.unregister(recorder)
      dropped.register(chunks, recorder, recorder)
      forwardIterator(chunks, recorder, recorder.signal ?? stream.abortController?.signal)
    }
    return chunks
  })
}
