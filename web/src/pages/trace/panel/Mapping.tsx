import type { Span } from '@sightline/server/contract'
import { StatusIcon } from '../../../ui/StatusIcon.tsx'

/** Which attribute fed which field, and what nobody read. */
export function Mapping({ span }: { span: Span }) {
  const { dialect, mapping, unmapped, warnings } = span
  return (
    <>
      {warnings.length > 0 && (
        <section className="msg" aria-label="Warnings">
          <h3 className="mh">
            <b className="warn">Warnings</b>
            <span className="num">{warnings.length}</span>
          </h3>
          <ul className="warnings">
            {warnings.map((text) => (
              <li key={text}>
                <StatusIcon shape="warn" />
                {text}
              </li>
            ))}
          </ul>
        </section>
      )}
      <section className="msg" aria-label="Mapping">
        <h3 className="mh">
          <b>Fields</b>
          <span className="num">{mapping.length}</span>
          <span className="spacer" />
          read as <b className="mono">{dialect}</b>
        </h3>
        {mapping.length === 0 ? (
          <div className="empty">No attribute of this span feeds a field of a model call.</div>
        ) : (
          <table className="attributes">
            <thead>
              <tr>
                <th scope="col">Field</th>
                <th scope="col">From the attribute</th>
              </tr>
            </thead>
            <tbody>
              {mapping.map(({ field, from, note }) => (
                <tr key={field}>
                  <th scope="row" className="mono">
                    {field}
                  </th>
                  <td className="mono">
                    {from}
                    {note !== undefined && <span className="t3"> {note}</span>}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
      <section className="msg" aria-label="Attributes not read">
        <h3 className="mh">
          <b>Not read</b>
          <span className="num">{unmapped.length}</span>
          <span className="t3">kept as sent, and found by attr.KEY filters</span>
        </h3>
        {unmapped.length > 0 && (
          <ul className="unmapped mono">
            {unmapped.map((key) => (
              <li key={key}>{key}</li>
            ))}
          </ul>
        )}
      </section>
    </>
  )
}
