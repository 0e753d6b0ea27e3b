/**
 * `text` with `more` behind it; once longer than `maxChars` it grows no further.
 *
 * V8 keeps a text that was put together as a tree of its pieces until somebody reads it: ten times the
 * text, which every collection until the span has been sent would have to copy. So each time it has grown by
 * an eighth it becomes one piece again, which copies each character some nine times at most.
 */
export function appendText(text: string, more: string, maxChars: number): string {
  if (text.length > maxChars) return text
  const whole = text + more
  const step = Math.max(MIN_STEP, 28 - Math.clz32(whole.length))
  const isDue = text.length >> step !== whole.length >> step
  // Reading any character is what makes it one piece; a compiler drops what is read and not used.
  return isDue && whole.charCodeAt(text.length) !== more.charCodeAt(0) ? text : whole
}

/** Logarithm of 256: shorter texts are left as they are. */
const MIN_STEP = 8
