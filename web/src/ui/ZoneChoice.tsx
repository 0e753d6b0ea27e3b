import { useRef, useState } from 'react'
import { fuzzyScore } from '../lib/fuzzy.ts'
import { isTimeZone, offsetText, zoneOf, type Zone } from '../lib/zone.ts'
import { SearchList } from './SearchList.tsx'

type ZoneChoiceProps = { zone: Zone; now: () => number; onZone: (tz: string | undefined) => void }

const MAX_SHOWN = 40
/** Browsers list some zones by the name that their city had before. */
const RENAMED = [
  'America/Argentina/Buenos_Aires',
  'America/Nuuk',
  'Asia/Ho_Chi_Minh',
  'Asia/Kathmandu',
  'Asia/Kolkata',
  'Asia/Yangon',
  'Europe/Kyiv',
]

export function ZoneChoice({ zone, now, onZone }: ZoneChoiceProps) {
  const [isSearching, setSearching] = useState(false)
  const other = useRef<HTMLButtonElement>(null)
  const own = zoneOf(undefined)
  const isUtc = zone.id === 'UTC'
  const isOther = !isUtc && zone.id !== own.id
  return (
    <div className="zone-choice" role="group" aria-label="Zone">
      <div className="zone-line">
        <span className="t3">Zone</span>
        <button
          type="button"
          className="btn"
          aria-pressed={isUtc}
          onClick={() => onZone('utc')}
          data-testid="zone-utc"
        >
          UTC
        </button>
        {own.id !== 'UTC' && (
          <button
            type="button"
            className="btn"
            aria-pressed={zone.id === own.id}
            onClick={() => onZone(undefined)}
          >
            {own.name}
          </button>
        )}
        <button
          type="button"
          ref={other}
          className="btn"
          aria-expanded={isSearching}
          aria-pressed={isOther}
          data-testid="zone-other"
          onClick={() => setSearching(!isSearching)}
        >
          {isOther ? zone.name : 'Other…'}
        </button>
        <kbd className="kbd">Z</kbd>
      </div>
      {isSearching && (
        <ZoneSearch
          zone={zone}
          now={now}
          onZone={(tz) => {
            setSearching(false)
            // The field goes; without this the focus would fall out of the popover.
            other.current?.focus()
            onZone(tz)
          }}
        />
      )}
    </div>
  )
}

function ZoneSearch({ zone, now, onZone }: ZoneChoiceProps) {
  const [text, setText] = useState('')
  const ids = new Set([...Intl.supportedValuesOf('timeZone'), ...RENAMED.filter(isTimeZone)])
  const found = [...ids]
    .flatMap((id) => {
      const score = fuzzyScore(text, id.replaceAll('_', ' '))
      return score === null ? [] : [{ id, score }]
    })
    .toSorted((a, b) => b.score - a.score)
    .slice(0, MAX_SHOWN)
  const options = found.map(({ id }) => ({
    id,
    label: id.replaceAll('_', ' '),
    hint: offsetText(now(), zoneOf(id)),
    isCurrent: id === zone.id,
  }))
  return (
    <SearchList
      label="Zone"
      placeholder="City or region"
      testId="zone-search"
      text={text}
      onText={setText}
      groups={[{ title: '', options }]}
      onChoose={onZone}
      whenEmpty="No zone has this name."
    />
  )
}
