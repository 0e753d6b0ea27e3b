import type { CallRecorder } from './call-recorder.ts'
import { override } from './own-property.ts'

type Step = IteratorResult<unknown, unknown>

type ChunkIterator = AsyncIterator<unknown, unknown, unknown>

/** The stream of a Stainless-generated client: everything that reads it asks its `iterator` field. */
export type ClientStream = {
  iterator: () => ChunkIterator
  readonly controller?: { readonly signal?: AbortSignal }
}

export function isClientStream(value: unknown): value is ClientStream {
  return (
    typeof value === 'object' &&
    value !== null &&
    Symbol.asyncIterator in value &&
    'iterator' in value &&
    typeof value.iterator === 'function'
  )
}

/** An abort signal, or what stands for one that nobody can abort. */
export type AbortFlag = { readonly aborted: boolean }

// Whoever drops a stream without closing it tells us only by its disappearance.
const dropped = new FinalizationRegistry<CallRecorder>((recorder) => recorder.endUnread())

/** Watches what is read from a stream; the stream object and its chunks stay the application's. */
export function tapStream(stream: ClientStream, recorder: CallRecorder): void {
  recorder.openStream()
  dropped.register(stream, recorder, recorder)
  const makeIterator = stream.iterator
  stream.iterator = function iterator(this: unknown) {
    const chunks = makeIterator.call(this)
    if (recorder.beginStream()) {
      // A running loop holds the iterator alone, so from here on that is what may disappear.
      dropped.unregister(recorder)
      dropped.register(chunks, recorder, recorder)
      forwardIterator(chunks, recorder, stream.controller?.signal)
    }
    return chunks
  }
}

/** Forwards an iterator's own methods, so that it stays the same object of the same class. */
export function forwardIterator(
  chunks: ChunkIterator,
  recorder: CallRecorder,
  signal: AbortFlag | undefined,
): void {
  const next = chunks.next.bind(chunks)
  const close = chunks.return?.bind(chunks)
  const raise = chunks.throw?.bind(chunks)

  function onStep(step: Step): void {
    if (step.done !== true) recorder.chunk(step.value)
    else recorder.endStream(signal?.aborted === true ? 'aborted' : 'complete')
  }
  function onError(error: unknown): void {
    // A failing stream aborts its own request, so here the signal tells nothing.
    const isAborted = isAbortError(error) && signal?.aborted !== false
    recorder.endStream(isAborted ? 'aborted' : 'error', { value: error })
  }
  function onClose(): void {
    // Closing aborts the request itself, so the signal only tells before.
    recorder.endStream(signal?.aborted === true ? 'aborted' : 'abandoned')
  }

  override(chunks, 'next', function forwardNext(...args: [] | [unknown]) {
    const step = args.length === 0 ? next() : next(...args)
    step.then(onStep, onError)
    return step
  })
  if (close !== undefined) {
    override(chunks, 'return', function forwardReturn(value?: unknown) {
      onClose()
      return close(value)
    })
  }
  if (raise !== undefined) {
    override(chunks, 'throw', function forwardThrow(error?: unknown) {
      onClose()
      return raise(error)
    })
  }
}

function isAbortError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return error.name === 'AbortError' || error.constructor?.name === 'APIUserAbortError'
}
