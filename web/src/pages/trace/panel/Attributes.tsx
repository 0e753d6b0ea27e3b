import type { JsonValue, Span } from '@sightline/server/contract'
import { IconSearch } from '@tabler/icons-react'
import { useDeferredValue, useState } from 'react'
import { countText, durationText } from '../../../lib/format.ts'
import { actionsOf, type AttributeSource } from './attribute-filter.ts'
import { jsonText } from './json-text.ts'
import { PlainText } from './PlainText.tsx'
import { useFilterTraces } from './use-filter-traces.ts'
import { ValueMenu } from '../../../ui/ValueMenu.tsx'

type Section = {
  title: string
  source: AttributeSource
  values: Record<string, JsonValue>
  note?: string
}

export function Attributes({ span }: { span: Span }) {
  const [search, setSearch] = useState('')
  const wanted = useDeferredValue(search.trim().toLowerCase())
  const sections = sectionsOf(span)
  const found = sections.map((section) => ({ ...section, entries: entriesOf(section, wanted) }))
  const shown = wanted === '' ? found : found.filter(({ entries }) => entries.length > 0)
  return (
    <>
      <label className="attribute-search">
        <IconSearch size={14} aria-hidden="true" />
        <span className="sr-only">Find in attributes</span>
        <input
          type="search"
          placeholder="Find a key or a value"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      </label>
      {shown.map((section) => (
        <SectionTable key={section.title} span={span} section={section} entries={section.entries} />
      ))}
      {shown.length === 0 && (
        <div className="empty">
          <b>No key and no value holds “{search.trim()}”.</b>
        </div>
      )}
    </>
  )
}

function sectionsOf(span: Span): Section[] {
  const { attributes, resource, events, links } = span
  return [
    { title: 'Span', source: 'attributes', values: attributes },
    { title: 'Resource', source: 'resource', values: resource },
    ...events.map(({ name, time, attributes: values }, index): Section => ({
      title: `Event ${index + 1}, ${name}`,
      note: `${durationText(time - span.startTime)} in`,
      source: 'event',
      values,
    })),
    ...links.map(({ traceId, spanId, attributes: values }, index): Section => ({
      title: `Link ${index + 1}`,
      note: `to span ${spanId} of trace ${traceId}`,
      source: 'link',
      values,
    })),
  ]
}

type Entry = [string, JsonValue]

/** How much of a long value is searched. */
const SEARCHED_CHARS = 20_000

function entriesOf({ values }: Section, wanted: string): Entry[] {
  const entries = Object.entries(values).toSorted(([a], [b]) => (a < b ? -1 : 1))
  if (wanted === '') return entries
  return entries.filter(
    ([key, value]) =>
      key.toLowerCase().includes(wanted) ||
      jsonText(value).slice(0, SEARCHED_CHARS).toLowerCase().includes(wanted),
  )
}

const FEW = 200
const FOLD_CHARS = 400

type SectionTableProps = { span: Span; section: Section; entries: Entry[] }

function SectionTable({ span, section, entries }: SectionTableProps) {
  const [isLong, setLong] = useState(false)
  const onFilter = useFilterTraces(span.startTime)
  const shown = isLong ? entries : entries.slice(0, FEW)
  const { title, note, source } = section
  return (
    <section className="msg" aria-label={title} data-testid="attributes">
      <h3 className="mh">
        <b>{title}</b>
        <span className="num">{countText(entries.length)}</span>
        {note !== undefined && <span className="mono">{note}</span>}
      </h3>
      {shown.length > 0 && (
        <table className="attributes">
          <tbody>
            {shown.map(([key, value]) => (
              <tr key={key}>
                <th scope="row" className="mono" dir="auto">
                  {key}
                </th>
                <td>
                  <PlainText text={jsonText(value)} mono label={key} fold={FOLD_CHARS} />
                </td>
                <td className="attribute-menu">
                  <ValueMenu
                    name={key}
                    text={jsonText(value)}
                    actions={() => actionsOf(span, source, { key, value })}
                    onFilter={onFilter}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {shown.length < entries.length && (
        <button type="button" className="link more" onClick={() => setLong(true)}>
          Show all {countText(entries.length)}
        </button>
      )}
    </section>
  )
}
