import { IconChevronDown, IconChevronRight, IconMarkdown } from '@tabler/icons-react'
import { useState } from 'react'
import { countText } from '../../../lib/format.ts'
import { markdownRefusal } from './markdown-limits.ts'
import { charactersOf, type MessageView } from './message-list.ts'
import { Parts } from './Parts.tsx'

type MessageBoxProps = { message: MessageView; isFolded: boolean; onFold: () => void }

export function MessageBox({ message, isFolded, onFold }: MessageBoxProps) {
  const [isMarkdown, setMarkdown] = useState(false)
  const { role, label, name, parts, tokens, finishReason } = message
  const Chevron = isFolded ? IconChevronRight : IconChevronDown
  const texts = parts.flatMap((part) => (part.type === 'text' ? [part.content] : []))
  const refusal = markdownRefusal(texts.join('\n\n'))
  const characters = charactersOf(parts)
  return (
    <section className="msg" aria-label={label} data-testid="message" data-role={role}>
      <div className="mh">
        <button type="button" className="mh-fold" aria-expanded={!isFolded} onClick={onFold}>
          <Chevron size={14} aria-hidden="true" />
          <b>{label}</b>
          {name !== null && <span className="mh-name">{name}</span>}
        </button>
        {finishReason !== null && <span className="finish">{finishReason}</span>}
        {texts.length > 0 && !isFolded && (
          <button
            type="button"
            className="md-switch"
            aria-pressed={isMarkdown}
            aria-disabled={refusal !== null}
            title={refusal ?? 'Draw this message as Markdown'}
            onClick={() => setMarkdown(refusal === null && !isMarkdown)}
          >
            <IconMarkdown size={16} aria-hidden="true" />
            <span className="sr-only">Markdown</span>
          </button>
        )}
        <span className="mh-size num">
          {tokens === null
            ? characters > 0 && `${countText(characters)} chars`
            : `${countText(tokens)} tok`}
        </span>
      </div>
      {!isFolded && (
        <div className="mb">
          <Parts parts={parts} isMarkdown={isMarkdown && refusal === null} />
        </div>
      )}
    </section>
  )
}
