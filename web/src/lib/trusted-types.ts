type PolicyFactory = {
  createPolicy: (name: string, rules: { createHTML: (text: string) => string }) => unknown
}

/**
 * The page's CSP refuses strings where HTML is expected. Mantine writes its style sheet that way,
 * so style text alone is let through: nothing that could open a tag ever is.
 */
export function allowStyleTextOnly(): void {
  const factory = (globalThis as { trustedTypes?: PolicyFactory }).trustedTypes
  factory?.createPolicy('default', { createHTML: styleText })
}

export function styleText(text: string): string {
  if (text.includes('<')) throw new TypeError('only style text may be written as HTML')
  return text
}
