/** Times in the page's one zone. `local` is the browser's. */
export type Zone = { id: string; name: string }

const formats = new Map<string, Intl.DateTimeFormat>()

export function zoneOf(tz: string | undefined): Zone {
  const id = tz === 'utc' ? 'UTC' : (tz ?? Intl.DateTimeFormat().resolvedOptions().timeZone)
  return { id, name: id }
}

export function isTimeZone(id: string): boolean {
  try {
    Intl.DateTimeFormat('en-GB', { timeZone: id })
    return true
  } catch {
    return false
  }
}

export function clockText(at: number, zone: Zone, seconds = false): string {
  const options = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
  return format(zone, seconds ? { ...options, second: '2-digit' } : options).format(at)
}

export function dayText(at: number, zone: Zone): string {
  return format(zone, { day: 'numeric', month: 'short' }).format(at)
}

export function dayClockText(at: number, zone: Zone): string {
  return `${dayText(at, zone)}, ${clockText(at, zone)}`
}

/** `22 Nov, 13:50 to 14:50`; the year stands there when it is not this one. */
export function rangeText(
  { from, to }: { from: number; to: number },
  zone: Zone,
  now = Date.now(),
): string {
  const year = (at: number): string => format(zone, { year: 'numeric' }).format(at)
  const isOld = year(from) !== year(now) || year(to) !== year(now)
  const day = (at: number): string =>
    isOld ? `${dayText(at, zone)} ${year(at)}` : dayText(at, zone)
  const start = `${day(from)}, ${clockText(from, zone)}`
  if (dayText(from, zone) === dayText(to, zone) && to - from < 86_400_000 * 2) {
    return `${start} to ${clockText(to, zone)}`
  }
  return `${start} to ${day(to)}, ${clockText(to, zone)}`
}

/** `22 Nov, 14:50:23.114` */
export function instantText(at: number, zone: Zone): string {
  const ms = String(Math.floor(at) % 1_000).padStart(3, '0')
  return `${dayText(at, zone)}, ${clockText(at, zone, true)}.${ms}`
}

/** `UTC` or `UTC+01:00` at the given instant. */
export function offsetText(at: number, zone: Zone): string {
  const minutes = offsetMinutes(at, zone)
  if (minutes === 0) return 'UTC'
  const size = Math.abs(minutes)
  const pad = (value: number): string => String(value).padStart(2, '0')
  return `UTC${minutes < 0 ? '−' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`
}

export function offsetMinutes(at: number, zone: Zone): number {
  const parts = new Map<string, number>()
  const options = {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
  } as const
  for (const part of format(zone, options).formatToParts(at)) {
    parts.set(part.type, Number(part.value))
  }
  const part = (name: string): number => parts.get(name) ?? 0
  const wall = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  )
  return Math.round((wall - at) / 60_000)
}

function format(zone: Zone, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = zone.id + JSON.stringify(options)
  const known = formats.get(key)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone.id })
  formats.set(key, made)
  return made
}
