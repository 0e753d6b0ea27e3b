type Paint = CanvasRenderingContext2D
type Ink = { style: CSSStyleDeclaration; opacity: number }

const HATCH_STEP = 8.5

/**
 * Paints the shapes of a chart's SVG onto a canvas with the styles the page computed for them.
 * Drawing the SVG as an image would need its style sheet and font inlined, which our CSP is there
 * to prevent; the canvas uses the page's own font and loads nothing.
 */
export function paintSvg(paint: Paint, svg: SVGSVGElement): void {
  paintChildren(paint, svg, 1)
}

function paintChildren(paint: Paint, parent: Element, opacity: number): void {
  for (const child of parent.children) {
    if (child instanceof SVGGraphicsElement) paintElement(paint, child, opacity)
  }
}

function paintElement(paint: Paint, element: SVGGraphicsElement, above: number): void {
  if (element instanceof SVGDefsElement || element.hasAttribute('data-crosshair')) return
  const style = getComputedStyle(element)
  if (style.display === 'none' || style.visibility === 'hidden') return
  const ink = { style, opacity: above * Number(style.opacity) }
  if (element instanceof SVGTextElement) return paintText(paint, element, ink)
  const path = pathOf(element)
  if (path === null) return paintChildren(paint, element, ink.opacity)
  if (element.hasAttribute('data-hatch')) return paintHatch(paint, element, ink)
  setStroke(paint, ink)
  if (style.fill !== 'none') {
    paint.globalAlpha = ink.opacity * Number(style.fillOpacity)
    paint.fillStyle = style.fill
    paint.fill(path)
  }
  if (hasStroke(style)) {
    paint.globalAlpha = ink.opacity * Number(style.strokeOpacity)
    paint.stroke(path)
  }
}

function pathOf(element: SVGGraphicsElement): Path2D | null {
  const number = (name: string): number => Number(element.getAttribute(name) ?? 0)
  if (element instanceof SVGPathElement) return new Path2D(element.getAttribute('d') ?? '')
  const path = new Path2D()
  if (element instanceof SVGLineElement) {
    path.moveTo(number('x1'), number('y1'))
    path.lineTo(number('x2'), number('y2'))
  } else if (element instanceof SVGRectElement) {
    path.roundRect(number('x'), number('y'), number('width'), number('height'), number('rx'))
  } else if (element instanceof SVGCircleElement) {
    path.arc(number('cx'), number('cy'), number('r'), 0, Math.PI * 2)
  } else {
    return null
  }
  return path
}

function paintText(paint: Paint, element: SVGTextElement, { style, opacity }: Ink): void {
  const text = element.textContent
  if (text === '') return
  const { x, y } = element.getStartPositionOfChar(0)
  paint.globalAlpha = opacity
  paint.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`
  paint.textAlign = 'left'
  if (hasStroke(style)) {
    setStroke(paint, { style, opacity })
    paint.lineJoin = 'round'
    paint.strokeText(text, x, y)
  }
  paint.fillStyle = style.fill
  paint.fillText(text, x, y)
}

function paintHatch(paint: Paint, element: SVGGraphicsElement, { opacity }: Ink): void {
  const { x, y, width, height } = element.getBBox()
  paint.save()
  paint.beginPath()
  paint.rect(x, y, width, height)
  paint.clip()
  paint.globalAlpha = opacity
  paint.strokeStyle = getComputedStyle(element).getPropertyValue('--hatch')
  paint.lineWidth = 2
  paint.setLineDash([])
  paint.beginPath()
  for (let at = x - height; at < x + width + height; at += HATCH_STEP) {
    paint.moveTo(at, y + height)
    paint.lineTo(at + height, y)
  }
  paint.stroke()
  paint.restore()
}

function setStroke(paint: Paint, { style }: Ink): void {
  paint.strokeStyle = style.stroke
  paint.lineWidth = Number.parseFloat(style.strokeWidth)
  paint.lineJoin = style.strokeLinejoin === 'round' ? 'round' : 'miter'
  paint.setLineDash(
    style.strokeDasharray === 'none'
      ? []
      : style.strokeDasharray.split(/[\s,]+/).map((part) => Number.parseFloat(part)),
  )
}

function hasStroke(style: CSSStyleDeclaration): boolean {
  return style.stroke !== 'none' && Number.parseFloat(style.strokeWidth) > 0
}
