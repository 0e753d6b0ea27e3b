import type { Message, MessagePart, Span } from '@sightline/server/contract'
import { IconChevronDown, IconChevronRight, IconPhotoOff } from '@tabler/icons-react'
import { useState, type ReactNode } from 'react'
import { isEmptyJson, jsonText } from './json-text.ts'
import { LongText } from './LongText.tsx'

export function Messages({ span }: { span: Span }) {
  const { systemInstructions, inputMessages, outputMessages, tool } = span
  const hasMessages =
    systemInstructions !== null || inputMessages.length + outputMessages.length > 0
  return (
    <div className="messages">
      {span.error !== null && <SpanErrorBox span={span} />}
      {systemInstructions !== null && (
        <Fold role="system" note="instructions">
          <LongText text={systemInstructions} />
        </Fold>
      )}
      {inputMessages.map((message, index) => (
        <MessageBox key={`in${index}`} message={message} />
      ))}
      {outputMessages.map((message, index) => (
        <MessageBox key={`out${index}`} message={message} isOutput />
      ))}
      {tool !== null && (
        <>
          {!isEmptyJson(tool.arguments) && (
            <Fold role="arguments" note={tool.name ?? ''}>
              <LongText text={jsonText(tool.arguments)} mono />
            </Fold>
          )}
          {!isEmptyJson(tool.result) && (
            <Fold role="result" note={tool.name ?? ''}>
              <LongText text={jsonText(tool.result)} mono />
            </Fold>
          )}
        </>
      )}
      {!hasMessages && tool === null && (
        <div className="empty">
          <b>This span carries no messages.</b>Attributes and Raw show all that was sent.
        </div>
      )}
    </div>
  )
}

function SpanErrorBox({ span }: { span: Span }) {
  const { error } = span
  if (error === null) return null
  const code = error.statusCode?.toString() ?? null
  const head = [error.type, code === error.type ? null : code]
    .filter((one) => one !== null)
    .join(', ')
  return (
    <div className="msg msg-error" role="alert">
      <div className="mh">
        <b className="crit">{head === '' ? 'error' : head}</b>
      </div>
      {error.message !== null && (
        <div className="mb">
          <LongText text={error.message} mono />
        </div>
      )}
    </div>
  )
}

function MessageBox({ message, isOutput = false }: { message: Message; isOutput?: boolean }) {
  const note = [isOutput ? 'output' : '', message.finishReason ?? '']
    .filter((one) => one !== '')
    .join(', ')
  return (
    <Fold role={message.role} note={note}>
      {message.parts.map((part, index) => (
        <Part key={index} part={part} />
      ))}
      {message.parts.length === 0 && <span className="t3">empty</span>}
    </Fold>
  )
}

function Part({ part }: { part: MessagePart }) {
  switch (part.type) {
    case 'text':
      return <LongText text={part.content} />
    case 'reasoning':
      return (
        <div className="part">
          <span className="part-head">reasoning</span>
          <LongText text={part.content} />
        </div>
      )
    case 'tool_call':
      return (
        <ToolPart label={`calls ${part.name}`} id={part.id}>
          <LongText text={jsonText(part.arguments)} mono />
        </ToolPart>
      )
    case 'tool_call_response':
      return (
        <ToolPart label="tool result" id={part.id}>
          <LongText text={jsonText(part.response)} mono={typeof part.response !== 'string'} />
        </ToolPart>
      )
    case 'blob':
    case 'file':
    case 'uri':
      return <Media part={part} />
    case 'other':
      return <LongText text={jsonText(part.value)} mono />
  }
}

function ToolPart({
  label,
  id,
  children,
}: {
  label: string
  id: string | null
  children: ReactNode
}) {
  return (
    <div className="part">
      <span className="part-head">
        <b>{label}</b>
        {id !== null && <span className="mono t3"> {id}</span>}
      </span>
      {children}
    </div>
  )
}

type MediaPart = Extract<MessagePart, { type: 'blob' | 'file' | 'uri' }>

/** Media are named, never loaded: a prompt must not make the reader's browser call anybody. */
function Media({ part }: { part: MediaPart }) {
  return (
    <span className="media">
      <IconPhotoOff size={14} aria-hidden="true" />
      {part.modality ?? part.type} not loaded
      <span className="mono t3">{part.mimeType ?? part.uri ?? part.fileId ?? ''}</span>
    </span>
  )
}

function Fold({ role, note, children }: { role: string; note: string; children: ReactNode }) {
  const [isOpen, setOpen] = useState(true)
  return (
    <div className="msg" data-testid="message" data-role={role}>
      <button type="button" className="mh" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        {isOpen ? (
          <IconChevronDown size={14} aria-hidden="true" />
        ) : (
          <IconChevronRight size={14} aria-hidden="true" />
        )}
        <b>{role}</b>
        <span>{note}</span>
      </button>
      {isOpen && <div className="mb">{children}</div>}
    </div>
  )
}
