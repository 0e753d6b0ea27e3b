import { IconCheck, IconCopy } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { snippetsFor } from './snippets.ts'
import type { FirstSpan } from './use-first-span.ts'

type OnboardingProps = { span: FirstSpan | null; onContinue?: () => void }

/** Shown until something has come in: install, two lines, and a light that turns green. */
export function Onboarding({ span, onContinue }: OnboardingProps) {
  const snippets = snippetsFor(location.origin)
  return (
    <section className="onboarding" aria-label="Send your first trace" data-testid="onboarding">
      <div className="card">
        <div className="hd">
          <h2>Send your first trace</h2>
        </div>
        <ol className="steps">
          <li>
            <h3>Install the SDK from this server</h3>
            <Snippet label="Install command" text={snippets.install} />
          </li>
          <li>
            <h3>Two lines in your program</h3>
            <Snippet label="SDK lines" text={snippets.sdk} />
          </li>
          <li>
            <h3>Or keep your OpenTelemetry exporter, in any language</h3>
            <Snippet label="OpenTelemetry variable" text={snippets.openTelemetry} />
          </li>
        </ol>
      </div>
      <Listening span={span} onContinue={onContinue} />
    </section>
  )
}

function Listening({ span, onContinue }: OnboardingProps) {
  if (span === null) {
    return (
      <div className="card listening" role="status" data-testid="listening" data-state="waiting">
        <span className="t3">
          <span className="dot pulse" />
        </span>
        <div>
          <b>Listening for the first span</b>
          <p>This turns green the moment it arrives. No reload needed.</p>
        </div>
      </div>
    )
  }
  return (
    <div
      className="card listening arrived"
      role="status"
      data-testid="listening"
      data-state="arrived"
    >
      <IconCheck size={18} aria-hidden="true" />
      <div>
        <b>First span received{span.service === null ? '' : ` from ${span.service}`}</b>
        <p>
          <Link
            className="link"
            to="/traces/$traceId"
            params={{ traceId: span.traceId }}
            search={{ span: span.spanId }}
            data-testid="first-trace-link"
          >
            Open its trace
          </Link>
          {onContinue !== undefined && (
            <>
              {' '}
              or{' '}
              <button type="button" className="link" onClick={onContinue}>
                go to the overview
              </button>
            </>
          )}
        </p>
      </div>
    </div>
  )
}

function Snippet({ label, text }: { label: string; text: string }) {
  const [isCopied, setCopied] = useState(false)
  const onCopy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text)
    setCopied(true)
    setTimeout(() => setCopied(false), 2_000)
  }
  return (
    <div className="snippet">
      <pre aria-label={label} tabIndex={0}>
        <code>{text}</code>
      </pre>
      <button
        type="button"
        className="btn ghost"
        aria-label={isCopied ? 'Copied' : `Copy: ${label}`}
        onClick={() => void onCopy()}
      >
        {isCopied ? (
          <IconCheck size={14} aria-hidden="true" />
        ) : (
          <IconCopy size={14} aria-hidden="true" />
        )}
      </button>
    </div>
  )
}
