export function hashOf(root: string, sources: string[]): string
