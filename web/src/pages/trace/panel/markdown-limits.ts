import { countText } from '../../../lib/format.ts'

/** 16 kB take about 0.6 s of the main thread, four times as much takes nearly three. */
const MAX_CHARS = 16_384
/** Marks that the parser pairs with each other: its time grows with their square. */
const MAX_MARKS = 800
const MAX_SPECIALS = 2_400
const MAX_ADDRESSES = 300
/** Quotes and lists within each other; 1,000 levels took 0.8 s, 4,000 broke the stack. */
const NESTED =
  /^(?:[ \t]*(?:>|[*+-][ \t]|\d{1,9}[.)][ \t])){24}|^[ \t]{60,}(?:[*+-]|\d{1,9}[.)])[ \t]/m

/** Why a text is not drawn as markdown; null where it is. */
export function markdownRefusal(text: string): string | null {
  if (text.length > MAX_CHARS) {
    return `Markdown is drawn up to ${countText(MAX_CHARS)} characters, this text has ${countText(text.length)}`
  }
  const isTooMuch =
    NESTED.test(text) ||
    count(text, /[*_~]/g) > MAX_MARKS ||
    count(text, /[`[\]<>|@&!()]/g) > MAX_SPECIALS ||
    count(text, /www\.|https?:/gi) > MAX_ADDRESSES
  return isTooMuch ? 'This text has more marks than markdown is drawn with' : null
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0
}
