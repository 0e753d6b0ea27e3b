import { paintSvg } from './paint-svg.ts'

export type PngInput = {
  /** The element that holds the layers of the chart. */
  chart: HTMLElement
  title: string
  subtitle: string
  legend: readonly { label: string; color: string }[]
}

/** Twice the pixels, so that it stays sharp in a document. */
const SCALE = 2
const HEADER = 34
const PAD = 14

/** The chart as it stands, with title and legend, in the theme that is shown. */
export async function chartPng({ chart, title, subtitle, legend }: PngInput): Promise<Blob> {
  await document.fonts.ready
  const canvas = document.createElement('canvas')
  const { width, height } = chart.getBoundingClientRect()
  canvas.width = Math.ceil(width * SCALE)
  canvas.height = Math.ceil((height + HEADER) * SCALE)
  const paint = canvas.getContext('2d')
  if (paint === null) throw new Error(`no canvas of ${canvas.width} × ${canvas.height} pixels`)
  const style = getComputedStyle(chart)
  const token = (name: string): string => style.getPropertyValue(name)
  paint.scale(SCALE, SCALE)
  paint.fillStyle = token('--bg1')
  paint.fillRect(0, 0, width, height + HEADER)

  const write = (text: string, x: number, ink: { font: string; color: string }): number => {
    paint.font = `${ink.font} ${style.fontFamily}`
    paint.fillStyle = ink.color
    paint.fillText(text, x, 22)
    return x + paint.measureText(text).width
  }
  const afterTitle = write(title, PAD, { font: '600 13px', color: token('--t1') })
  write(subtitle, afterTitle + 8, { font: '400 12px', color: token('--t3') })
  let right = width - PAD
  for (const { label, color } of legend.toReversed()) {
    paint.font = `400 12px ${style.fontFamily}`
    right -= paint.measureText(label).width
    write(label, right, { font: '400 12px', color: token('--t2') })
    right -= 14
    paint.fillStyle = colorOf(color, style)
    paint.fillRect(right, 14, 8, 8)
    right -= 14
  }
  paint.translate(0, HEADER)
  for (const svg of chart.querySelectorAll('svg')) {
    if (svg.closest('button') === null) paintSvg(paint, svg)
  }
  return toBlob(canvas)
}

/** A canvas knows no custom properties. */
function colorOf(color: string, style: CSSStyleDeclaration): string {
  const name = /^var\((--[\w-]+)\)$/.exec(color)?.[1]
  return name === undefined ? color : style.getPropertyValue(name)
}

function toBlob(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob === null) reject(new Error('the browser made no PNG of the chart'))
      else resolve(blob)
    }, 'image/png')
  })
}
