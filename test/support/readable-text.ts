import type { Page } from 'playwright-core'

export type FaintText = { text: string; contrast: number; color: string; background: string }

/** Texts in view whose contrast to what lies behind them is below `least` (WCAG's ratio, 1 to 21). */
export function findFaintTexts(page: Page, least: number): Promise<FaintText[]> {
  return page.evaluate((limit) => {
    const paper = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
    if (paper === null) throw new Error('no canvas to read colours with')

    type Rgba = [number, number, number, number]
    const rgbaOf = (color: string): Rgba => {
      paper.clearRect(0, 0, 1, 1)
      paper.fillStyle = color
      paper.fillRect(0, 0, 1, 1)
      const [r = 0, g = 0, b = 0, a = 0] = paper.getImageData(0, 0, 1, 1).data
      return [r, g, b, a / 255]
    }
    const over = (top: Rgba, below: Rgba): Rgba => {
      const mixed = [0, 1, 2].map((at) => (top[at] ?? 0) * top[3] + (below[at] ?? 0) * (1 - top[3]))
      return [mixed[0] ?? 0, mixed[1] ?? 0, mixed[2] ?? 0, 1]
    }
    const backgroundOf = (element: Element | null): Rgba => {
      if (element === null) return [255, 255, 255, 1]
      const own = rgbaOf(getComputedStyle(element).backgroundColor)
      return own[3] === 1 ? own : over(own, backgroundOf(element.parentElement))
    }
    const luminance = ([r, g, b]: Rgba): number => {
      const [x = 0, y = 0, z = 0] = [r, g, b].map((channel) => {
        const share = channel / 255
        return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * x + 0.7152 * y + 0.0722 * z
    }
    const ownText = (element: Element): string =>
      [...element.childNodes]
        .filter((node) => node.nodeType === Node.TEXT_NODE)
        .map((node) => node.textContent ?? '')
        .join('')
        .trim()

    const faint: FaintText[] = []
    for (const element of document.querySelectorAll<HTMLElement>('body *')) {
      const text = ownText(element)
      const isShown = element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
      if (text === '' || !isShown || element.getClientRects().length === 0) continue
      const style = getComputedStyle(element)
      const behind = backgroundOf(element)
      const ink = over(rgbaOf(element instanceof SVGElement ? style.fill : style.color), behind)
      const [light = 0, dark = 0] = [luminance(ink), luminance(behind)].toSorted((a, b) => b - a)
      const contrast = (light + 0.05) / (dark + 0.05)
      if (contrast < limit) {
        faint.push({
          text: text.slice(0, 60),
          contrast: Math.round(contrast * 100) / 100,
          color: style.color,
          background: `rgb(${behind.slice(0, 3).map(Math.round).join(' ')})`,
        })
      }
    }
    return faint
  }, least)
}
