/** Inputs that take no text: a shortcut pressed on one is meant for the page. */
const TEXTLESS = /^(checkbox|radio|button|submit|reset|range|color|file|image)$/

/** True for a field that takes keys itself: page shortcuts are off there. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName)) return true
  return target instanceof HTMLInputElement && !TEXTLESS.test(target.type)
}
