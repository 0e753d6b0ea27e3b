import type { Span } from '@sightline/server/contract'
import { IconDownload } from '@tabler/icons-react'
import { useMemo } from 'react'
import { saveFile } from '../../../charts/save-file.ts'
import { countText } from '../../../lib/format.ts'
import { CopyButton } from './CopyButton.tsx'
import { jsonText } from './json-text.ts'
import { LineViewer } from './LineViewer.tsx'

/** The span as the API answers it. */
export function Raw({ span }: { span: Span }) {
  const text = useMemo(() => jsonText(span), [span])
  const onSave = (): void =>
    saveFile(`span-${span.spanId}.json`, new Blob([text], { type: 'application/json' }))
  return (
    <div className="msg raw">
      <div className="mh">
        <b>JSON</b>
        <span className="num">{countText(text.length)} characters</span>
        <span className="spacer" />
        <CopyButton label="Copy the JSON" text={() => text}>
          Copy
        </CopyButton>
        <button type="button" className="btn" onClick={onSave}>
          <IconDownload size={15} aria-hidden="true" />
          Save as .json
        </button>
      </div>
      <LineViewer text={text} label="The span as JSON" isTall />
    </div>
  )
}
