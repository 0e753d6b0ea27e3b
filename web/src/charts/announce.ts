const AT_MOST_EVERY_MS = 5_000

/** Says the newest of what it is told, at most once in five seconds. */
export function createAnnouncer(say: (text: string) => void): (text: string) => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let waiting: string | null = null
  const onQuiet = (): void => {
    timer = undefined
    if (waiting === null) return
    speak(waiting)
  }
  const speak = (text: string): void => {
    waiting = null
    say(text)
    timer = setTimeout(onQuiet, AT_MOST_EVERY_MS)
  }
  return (text) => {
    if (timer === undefined) speak(text)
    else waiting = text
  }
}

let region: HTMLElement | undefined

/** The one polite live region of all charts. */
export const announce = createAnnouncer((text) => {
  region ??= makeRegion()
  region.textContent = text
})

function makeRegion(): HTMLElement {
  const element = document.createElement('div')
  element.className = 'sr-only'
  element.setAttribute('aria-live', 'polite')
  element.dataset['testid'] = 'chart-voice'
  document.body.append(element)
  return element
}
