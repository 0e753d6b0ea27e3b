import type { JsonValue, MessagePart } from '@sightline/server/contract'
import { IconChevronDown, IconChevronRight, IconPhotoOff } from '@tabler/icons-react'
import { useState, type ReactNode } from 'react'
import { countText, formatFixed } from '../../../lib/format.ts'
import { CopyButton } from './CopyButton.tsx'
import { jsonText, parsedObject } from './json-text.ts'
import { MarkdownText } from './MarkdownText.tsx'
import { Passages } from './Passages.tsx'
import { passagesOf } from './passages.ts'
import { PlainText } from './PlainText.tsx'
import { hostOf } from './safe-markdown.ts'

type PartsProps = { parts: readonly MessagePart[]; isMarkdown: boolean }

export function Parts({ parts, isMarkdown }: PartsProps) {
  if (parts.length === 0) return <span className="t3">empty</span>
  return parts.map((part, index) => <Part key={index} part={part} isMarkdown={isMarkdown} />)
}

function Part({ part, isMarkdown }: { part: MessagePart; isMarkdown: boolean }) {
  switch (part.type) {
    case 'text':
      if (isMarkdown) return <MarkdownText text={part.content} />
      return <Value value={part.content} />
    case 'reasoning':
      return (
        <FoldedPart label="reasoning" note={`${countText(part.content.length)} characters`}>
          <PlainText text={part.content} />
        </FoldedPart>
      )
    case 'tool_call':
      return (
        <div className="part">
          <span className="part-head">
            calls <b className="mono">{part.name}</b>
            {part.id !== null && <span className="mono t3 part-id">{part.id}</span>}
          </span>
          <PlainText text={jsonText(part.arguments)} mono />
        </div>
      )
    case 'tool_call_response':
      return <Value value={part.response} />
    case 'blob':
    case 'file':
    case 'uri':
      return <Media part={part} />
    case 'other':
      return <PlainText text={jsonText(part.value)} mono />
  }
}

/** Found passages as rows where the value is a list of them; else text as text, JSON as JSON. */
function Value({ value }: { value: JsonValue }) {
  const [isJson, setJson] = useState(false)
  const parsed = typeof value === 'string' ? parsedObject(value) : value
  const passages = parsed === undefined ? null : passagesOf(parsed)
  if (passages === null) {
    return typeof value === 'string' ? (
      <PlainText text={value} />
    ) : (
      <PlainText text={jsonText(value)} mono />
    )
  }
  if (!isJson) return <Passages passages={passages} onJson={() => setJson(true)} />
  return (
    <>
      <PlainText text={jsonText(parsed)} mono />
      <button type="button" className="link" onClick={() => setJson(false)}>
        As passages
      </button>
    </>
  )
}

function FoldedPart({
  label,
  note,
  children,
}: {
  label: string
  note: string
  children: ReactNode
}) {
  const [isOpen, setOpen] = useState(false)
  const Chevron = isOpen ? IconChevronDown : IconChevronRight
  return (
    <div className="part">
      <button
        type="button"
        className="part-head part-fold"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <Chevron size={14} aria-hidden="true" />
        <b>{label}</b> {note}
      </button>
      {isOpen && children}
    </div>
  )
}

type MediaPart = Extract<MessagePart, { type: 'blob' | 'file' | 'uri' }>

/** Media are named, never loaded: a prompt must not make the reader's browser call anybody. */
function Media({ part }: { part: MediaPart }) {
  const { modality, mimeType, uri, fileId, type } = part
  const isAddress = uri !== undefined && uri !== null && /^https?:/i.test(uri)
  const facts = [
    mimeType ?? null,
    ...bodyFacts(part),
    isAddress ? `from ${hostOf(uri)}` : null,
    fileId === undefined || fileId === null ? null : `file ${fileId}`,
  ].filter((fact) => fact !== null)
  return (
    <span className="media" data-testid="media">
      <IconPhotoOff size={14} aria-hidden="true" />
      <span>
        {modality ?? type}, not loaded
        {facts.length > 0 && <span className="t3">: {facts.join(', ')}</span>}
      </span>
      {isAddress && <CopyButton label="Copy the address" text={() => uri} />}
    </span>
  )
}

/** Where the medium itself is: in the span, or left with the sender and known by its hash. */
function bodyFacts({ content, bytes, sha256 }: MediaPart): (string | null)[] {
  return [
    typeof content === 'string' ? `${base64SizeText(content)} in the span` : null,
    typeof bytes === 'number' ? `${sizeText(bytes)} left with the sender` : null,
    typeof sha256 === 'string' ? `sha256 ${sha256.slice(0, 12)}…` : null,
  ]
}

/** Size of what base64 text stands for. */
function base64SizeText(base64: string): string {
  return sizeText(Math.floor((base64.length * 3) / 4))
}

function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${countText(bytes)} B`
  return bytes < 1_000_000
    ? `${formatFixed(bytes / 1_000, 1)} kB`
    : `${formatFixed(bytes / 1_000_000, 1)} MB`
}
