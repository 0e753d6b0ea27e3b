import type { Page } from 'playwright-core'

/** A figure as it stands on the page, in the contract's unit, and the worth of its last digit. */
export type Figure = { value: number; resolution: number }

const SCALES: Record<string, number> = { '': 1, ms: 1, s: 1_000, '%': 0.01, k: 1e3, M: 1e6, B: 1e9 }
/** Anything above nothing and below that. */
const LEAST_MONEY = '<$0.0001'
const FIGURE = /^(−?)\$?([\d,]+)(?:\.(\d+))?\s*(ms|s|%|k|M|B|)$/

/** Reads `1,840`, `4.61 s`, `0.52%`, `$0.0123`, `<$0.0001`; throws at anything else. */
export function parseFigure(text: string): Figure {
  if (text.trim() === LEAST_MONEY) return { value: 0.000_05, resolution: 0.000_1 }
  const match = FIGURE.exec(text.trim())
  if (match === null) throw new Error(`'${text}' on the page is no figure`)
  const [, minus = '', whole = '', fraction = '', unit = ''] = match
  const scale = SCALES[unit] ?? 1
  const size = Number(`${whole.replaceAll(',', '')}.${fraction || '0'}`)
  return {
    value: (minus === '' ? size : -size) * scale,
    resolution: scale * 10 ** -fraction.length,
  }
}

/** Whether a figure is what a value reads like when rounded to the figure's digits. */
export function isRoundingOf({ value, resolution }: Figure, exact: number): boolean {
  return Math.abs(value - exact) <= (resolution / 2) * (1 + 1e-6)
}

export type TileOnPage = {
  metric: string
  text: string
  /** The unrounded value, in the tile's title. */
  title: string
  from: number
  to: number
  storedThrough: number
  n: number
  /** The change as told, empty without one. */
  delta: string
  /** What it is compared with, unrounded; not there before it has come. */
  before: { value: number; from: number; to: number } | undefined
}

/** All tiles, read in one turn of the page's own loop. */
export function readTiles(page: Page): Promise<TileOnPage[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('[data-metric]')].map((tile) => {
      const value = tile.querySelector<HTMLElement>('[data-testid="tile-value"]')
      const number = (name: string): number => Number(tile.dataset[name] ?? 'NaN')
      return {
        metric: tile.dataset['metric'] ?? '',
        text: value?.innerText.replaceAll('\n', '') ?? '',
        title: value?.title ?? '',
        from: number('from'),
        to: number('to'),
        storedThrough: number('storedThrough'),
        n: number('n'),
        delta:
          tile.querySelector<HTMLElement>('[data-testid="tile-delta"]')?.innerText.trim() ?? '',
        before:
          tile.dataset['before'] === undefined
            ? undefined
            : { value: number('before'), from: number('beforeFrom'), to: number('beforeTo') },
      }
    }),
  )
}
