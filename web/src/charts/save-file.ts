/** Hands a file to the browser's downloads. */
export function saveFile(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The download has its own hold on the data once it was begun.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

/** `latency-2026-11-22T1341-1441.csv` without characters that a file system refuses. */
export function fileName(name: string, suffix: string): string {
  return `sightline-${name}-${new Date().toISOString().slice(0, 16).replaceAll(':', '')}.${suffix}`
}
