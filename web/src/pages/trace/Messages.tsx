import type { Span } from '@sightline/server/contract'
import { useState } from 'react'
import { countText } from '../../lib/format.ts'
import { jsonText } from './panel/json-text.ts'
import { MessageBox } from './panel/MessageBox.tsx'
import { messagesOf, type MessageView } from './panel/message-list.ts'
import { useRoleFolds, type RoleFolds } from './panel/use-role-folds.ts'

const FEW = 60

/** What was said in a span; `folds` where roles stay folded beyond it. */
export function Messages({ span, folds: given }: { span: Span; folds?: RoleFolds }) {
  const inside = useRoleFolds()
  const folds = given ?? inside
  const [own, setOwn] = useState<ReadonlyMap<string, boolean>>(new Map())
  const [isLong, setLong] = useState(false)
  const messages = messagesOf(span)
  const counts = countsOf(messages)
  const shown = isLong || messages.length <= FEW ? messages : messages.slice(-FEW)
  const foldOf = ({ key, role }: MessageView): boolean => own.get(key) ?? folds.isFolded(role)
  const onFold = (message: MessageView): void => {
    // The only message of its role folds for the spans to come too; of several each by itself.
    if (counts.get(message.role) === 1) folds.onFold(message.role)
    else setOwn(new Map(own).set(message.key, !foldOf(message)))
  }
  const onRole = (role: string): void => {
    setOwn(new Map())
    folds.onFold(role)
  }
  if (messages.length === 0) return <NoMessages span={span} />
  return (
    <div className="messages">
      {counts.size < messages.length && (
        <RoleSwitches counts={counts} folds={folds} onRole={onRole} />
      )}
      {shown.length < messages.length && (
        <button type="button" className="btn" onClick={() => setLong(true)}>
          Show the {countText(messages.length - shown.length)} messages before
        </button>
      )}
      {shown.map((message) => (
        <MessageBox
          key={message.key}
          message={message}
          isFolded={foldOf(message)}
          onFold={() => onFold(message)}
        />
      ))}
      <ContentNotes span={span} />
    </div>
  )
}

function countsOf(messages: readonly MessageView[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { role } of messages) counts.set(role, (counts.get(role) ?? 0) + 1)
  return counts
}

type RoleSwitchesProps = {
  counts: ReadonlyMap<string, number>
  folds: RoleFolds
  onRole: (role: string) => void
}

/** Shows and folds all messages of a role. */
function RoleSwitches({ counts, folds, onRole }: RoleSwitchesProps) {
  return (
    <div className="roles" role="group" aria-label="Roles shown">
      {[...counts].map(([role, count]) => (
        <button
          key={role}
          type="button"
          className="role"
          aria-pressed={!folds.isFolded(role)}
          onClick={() => onRole(role)}
        >
          {role === '' ? 'text' : role} <span className="num">{countText(count)}</span>
        </button>
      ))}
    </div>
  )
}

/** A call has a text; where none came, not even an empty list, its sender kept it. */
function NoMessages({ span }: { span: Span }) {
  const isModel = span.type === 'llm' || span.type === 'embedding'
  const isCall = isModel && span.attributes['gen_ai.input.messages'] === undefined
  return (
    <div className="msg">
      <div className="empty">
        {isCall ? (
          <>
            <b>The text of this call was not captured.</b>
            Its sender left prompts and answers out (the SDK does so with{' '}
            <code className="mono">content: 'none'</code>); tokens, times and cost are complete.
          </>
        ) : (
          <>
            <b>This span carries no messages.</b>Attributes and Raw show all that was sent.
          </>
        )}
      </div>
      <ContentNotes span={span} />
    </div>
  )
}

const NOTES = [
  { key: 'sightline.content.dropped', text: 'Left out by the sender' },
  { key: 'sightline.content.truncated', text: 'Cut short by the sender' },
]

function ContentNotes({ span }: { span: Span }) {
  return NOTES.map(({ key, text }) => {
    const value = span.attributes[key]
    if (value === undefined || value === null) return null
    return (
      <p key={key} className="content-note warn">
        {text}
        {value !== true && <span className="mono">: {jsonText(value)}</span>}
      </p>
    )
  })
}
