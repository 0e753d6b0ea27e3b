import { Component, lazy, Suspense, type ReactNode } from 'react'
import { PlainText } from './PlainText.tsx'

const Markdown = lazy(() => import('./Markdown.tsx').then((part) => ({ default: part.Markdown })))

/** The text as markdown, and as it is while that loads or where it cannot be drawn. */
export function MarkdownText({ text }: { text: string }) {
  const plain = <PlainText text={text} />
  return (
    <PlainOnError key={text} plain={plain}>
      <Suspense fallback={plain}>
        <Markdown text={text} />
      </Suspense>
    </PlainOnError>
  )
}

type PlainOnErrorProps = { plain: ReactNode; children: ReactNode }

class PlainOnError extends Component<PlainOnErrorProps, { hasFailed: boolean }> {
  override state = { hasFailed: false }

  static getDerivedStateFromError(): { hasFailed: boolean } {
    return { hasFailed: true }
  }

  override render(): ReactNode {
    return this.state.hasFailed ? (
      <>
        {this.props.plain}
        <span className="t3" role="status">
          This text could not be drawn as Markdown.
        </span>
      </>
    ) : (
      this.props.children
    )
  }
}
