import type { Options } from 'rehype-sanitize'

const TAG_NAMES =
  'p br hr strong em del code pre blockquote sup span a h1 h2 h3 h4 h5 h6 ul ol li table thead tbody tr th td'.split(
    ' ',
  )

/**
 * All that markdown may become. Nothing here loads, embeds, submits, styles or names anything: no
 * image or media, no input, no id, no class but a code block's language, no address but a link's.
 */
export const SAFE_MARKDOWN: Options = {
  tagNames: TAG_NAMES,
  attributes: {
    a: ['href'],
    code: [['className', /^language-[\w+#.-]{1,30}$/]],
    ol: ['start'],
    th: [['align', 'left', 'center', 'right']],
    td: [['align', 'left', 'center', 'right']],
    span: ['dataBlocked', 'dataTask'],
  },
  protocols: { href: ['http', 'https', 'mailto'] },
  strip: ['script', 'style', 'svg', 'math', 'iframe', 'object', 'template'],
}

/** What is looked at of the tree that markdown became. */
type Node = {
  type: string
  tagName?: string
  properties?: Record<string, unknown>
  children?: Node[]
}

/** Before sanitising: images become marks that name their host, task boxes marks of their state. */
export function markLeftOut() {
  return (tree: Node): void => replaceWithin(tree)
}

function replaceWithin({ children = [] }: Node): void {
  for (const [index, child] of children.entries()) {
    const properties = markOf(child)
    if (properties === null) replaceWithin(child)
    else children[index] = { type: 'element', tagName: 'span', properties, children: [] }
  }
}

function markOf({ tagName, properties = {} }: Node): Record<string, unknown> | null {
  if (tagName === 'img') {
    return { dataBlocked: `${hostOf(properties['src'])} ${textOf(properties['alt'])}`.trim() }
  }
  if (tagName === 'input') return { dataTask: properties['checked'] === true ? 'done' : 'open' }
  return null
}

/** The host an address leads to, or what else it is. */
export function hostOf(address: unknown): string {
  const text = textOf(address)
  if (!URL.canParse(text)) return 'this-site'
  const { protocol, host } = new URL(text)
  return host === '' ? protocol : host
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : ''
}
