import { writeSync } from 'node:fs'

export const RESULT_MARK = '@result '
export const LAST_CALL_MARK = '@last-call '

/** Prints figures in a line of their own: packages under measurement print as they like. */
export function tell(figures: object, mark: string = RESULT_MARK): void {
  writeSync(1, `\n${mark}${JSON.stringify(figures)}\n`)
}

export function markedLine(output: string, mark: string): string | undefined {
  const line = output.split('\n').findLast((one) => one.startsWith(mark))
  return line?.slice(mark.length)
}
