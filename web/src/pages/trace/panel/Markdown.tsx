import type { ComponentProps, ReactNode } from 'react'
import ReactMarkdown, { type Components } from 'react-markdown'
import rehypeSanitize from 'rehype-sanitize'
import remarkGfm from 'remark-gfm'
import { IconExternalLink, IconPhotoOff } from '@tabler/icons-react'
import { useCopy } from '../../../ui/use-copy.ts'
import { hostOf, markLeftOut, SAFE_MARKDOWN } from './safe-markdown.ts'

/** Markdown of a prompt: sanitised, without HTML, loading nothing and leading nowhere by a click. */
export function Markdown({ text }: { text: string }) {
  return (
    <div className="markdown" dir="auto" data-testid="markdown">
      <ReactMarkdown
        skipHtml
        remarkPlugins={[remarkGfm]}
        rehypePlugins={[markLeftOut, [rehypeSanitize, SAFE_MARKDOWN]]}
        components={COMPONENTS}
      >
        {text}
      </ReactMarkdown>
    </div>
  )
}

/** Headings stay below those of the page: they are the message's, and look like it. */
function heading(level: number) {
  return function MarkdownHeading({ children }: { children?: ReactNode }) {
    return <p className={`md-h md-h${level}`}>{children}</p>
  }
}

const COMPONENTS: Components = {
  a: ({ href, children }) => <MarkdownLink href={href}>{children}</MarkdownLink>,
  span: (props) => <Mark {...props} />,
  table: ({ children }) => (
    <div className="md-table" tabIndex={0} role="group" aria-label="Table">
      <table>{children}</table>
    </div>
  ),
  pre: ({ children }) => (
    <pre tabIndex={0} className="mono">
      {children}
    </pre>
  ),
  h1: heading(1),
  h2: heading(2),
  h3: heading(3),
  h4: heading(4),
  h5: heading(4),
  h6: heading(4),
}

/** One click copies the address and shows where it would lead; nothing is opened. */
function MarkdownLink({ href, children }: { href: string | undefined; children: ReactNode }) {
  const { outcome, copy } = useCopy()
  if (href === undefined || href === '' || href.startsWith('#')) return <span>{children}</span>
  const host = hostOf(href)
  return (
    <button
      type="button"
      className="md-link"
      title={`Copy the address: ${href}`}
      onClick={() => copy(href)}
    >
      {children} <span className="md-host">{host === 'this-site' ? href : host}</span>
      <IconExternalLink size={12} aria-hidden="true" />
      <span role="status" className="md-copied">
        {outcome === 'copied' ? 'address copied' : outcome === 'refused' ? 'not copied' : ''}
      </span>
    </button>
  )
}

type MarkProps = ComponentProps<'span'> & { 'data-blocked'?: string; 'data-task'?: string }

function Mark({ children, ...props }: MarkProps) {
  const task = props['data-task']
  if (task !== undefined) return <span>{task === 'done' ? '☑' : '☐'}</span>
  const blocked = props['data-blocked']
  if (blocked === undefined) return <span>{children}</span>
  const [host, ...alt] = blocked.split(' ')
  return (
    <span className="media" title="Images of messages are never loaded: they would tell their host">
      <IconPhotoOff size={14} aria-hidden="true" />
      Image blocked, from {host === 'this-site' ? 'an address without a host' : host}
      {alt.length > 0 && <span className="t3">{alt.join(' ')}</span>}
    </span>
  )
}
