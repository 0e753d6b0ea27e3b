import type { Score, ScoreList, SpanSummary } from '@sightline/server/contract'
import type { UseQueryResult } from '@tanstack/react-query'
import { scoreCommand } from '../../../lib/score-command.ts'
import { instantText, type Zone } from '../../../lib/zone.ts'
import { useView } from '../../../shell/use-view.ts'
import { ErrorState, failureOf } from '../../../ui/ErrorState.tsx'
import { Skeleton } from '../../../ui/Skeleton.tsx'
import { Feedback } from './Feedback.tsx'
import { PlainText } from './PlainText.tsx'
import { ScoreValue } from './ScoreCards.tsx'
import { scoresOfSpan } from './score-text.ts'

type ScoresProps = { span: SpanSummary; scores: UseQueryResult<ScoreList> }

export function Scores({ span, scores }: ScoresProps) {
  const { zone } = useView()
  if (scores.isPending) return <Skeleton height={90} />
  if (scores.isError) {
    return (
      <ErrorState
        what="The scores could not be loaded"
        failure={failureOf(scores.error)}
        onRetry={() => void scores.refetch()}
      />
    )
  }
  const { own, ofTrace, others } = scoresOfSpan(scores.data.items, span)
  return (
    <>
      <div className="msg give-feedback">
        <span>Was this step good?</span>
        <Feedback span={span} scores={own} />
      </div>
      <ScoreSection title="Of this span" scores={own} zone={zone} />
      <ScoreSection title="Of the whole trace" scores={ofTrace} zone={zone} />
      <ScoreSection title="Of other spans of the trace" scores={others} zone={zone} />
      {scores.data.items.length === 0 && (
        <div className="msg">
          <div className="empty">
            <b>No scores of this trace yet.</b>A judge, your code or a user may send one:
            <code className="mono score-snippet">
              {scoreCommand(location.origin, span.traceId)}
            </code>
          </div>
        </div>
      )}
      {scores.data.nextCursor !== null && (
        <p className="content-note t3">The newest {scores.data.items.length} are shown.</p>
      )}
    </>
  )
}

type ScoreSectionProps = { title: string; scores: readonly Score[]; zone: Zone }

function ScoreSection({ title, scores, zone }: ScoreSectionProps) {
  if (scores.length === 0) return null
  return (
    <section className="msg" aria-label={title}>
      <h3 className="mh">
        <b>{title}</b>
        <span className="num">{scores.length}</span>
      </h3>
      <ul className="scores">
        {scores.map((score) => (
          <li key={score.id} data-testid="score">
            <span className="score-name">
              {score.name}
              <span className="t3">
                {' '}
                {score.source}, {instantText(score.at, zone)}
              </span>
            </span>
            <ScoreValue score={score} />
            {score.comment !== null && <PlainText text={score.comment} />}
          </li>
        ))}
      </ul>
    </section>
  )
}
