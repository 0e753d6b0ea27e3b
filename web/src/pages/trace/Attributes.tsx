import type { Span } from '@sightline/server/contract'
import { jsonText } from './json-text.ts'
import { LongText } from './LongText.tsx'

export function Attributes({ span }: { span: Span }) {
  return (
    <>
      {span.warnings.length > 0 && (
        <div className="msg">
          <div className="mh">
            <b className="warn">warnings</b>
          </div>
          <div className="mb">
            {span.warnings.map((text) => (
              <div key={text}>{text}</div>
            ))}
          </div>
        </div>
      )}
      <AttributeTable title="Span" values={span.attributes} />
      <AttributeTable title="Resource" values={span.resource} />
      {span.events.map((event, index) => (
        <AttributeTable
          key={index}
          title={`Event ${event.name}, ${Math.round((event.time - span.startTime) * 10) / 10} ms in`}
          values={event.attributes}
        />
      ))}
    </>
  )
}

function AttributeTable({ title, values }: { title: string; values: Record<string, unknown> }) {
  const entries = Object.entries(values).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return (
    <div className="msg attributes">
      <div className="mh">
        <b>{title}</b>
        <span className="num">{entries.length}</span>
      </div>
      {entries.length > 0 && (
        <table>
          <tbody>
            {entries.map(([key, value]) => (
              <tr key={key}>
                <th scope="row" className="mono">
                  {key}
                </th>
                <td>
                  <LongText text={jsonText(value)} mono />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  )
}
