import type { Score, SpanSummary } from '@sightline/server/contract'
import { StatusIcon } from '../../../ui/StatusIcon.tsx'
import { Feedback } from './Feedback.tsx'
import { scoresOfSpan, scoreText, verdictOf } from './score-text.ts'

const MOST = 6

type ScoreCardsProps = { span: SpanSummary; scores: readonly Score[] }

/** The newest of each score on this span and its trace, below what was said. */
export function ScoreCards({ span, scores }: ScoreCardsProps) {
  const { own, ofTrace } = scoresOfSpan(scores, span)
  const newest = new Map<string, Score>()
  for (const score of [...own, ...ofTrace]) {
    if (score.name === 'feedback' && score.source === 'user') continue
    const key = `${score.source} ${score.name}`
    if (!newest.has(key)) newest.set(key, score)
  }
  const feedback = [...own, ...ofTrace].find(
    ({ name, source }) => name === 'feedback' && source === 'user',
  )
  return (
    <div className="score-cards" data-testid="score-cards">
      {[...newest.values()].slice(0, MOST).map((score) => (
        <div key={score.id} className="score-card">
          <span className="score-name">
            {score.name}, {score.source}
          </span>
          <ScoreValue score={score} />
          {score.comment !== null && <span className="score-comment t3">{score.comment}</span>}
        </div>
      ))}
      <div className="score-card">
        <span className="score-name">User feedback</span>
        {feedback === undefined ? (
          <b className="score-value t3">none yet</b>
        ) : (
          <ScoreValue score={feedback} />
        )}
        <Feedback span={span} scores={own} />
      </div>
    </div>
  )
}

export function ScoreValue({ score }: { score: Score }) {
  const verdict = verdictOf(score)
  return (
    <b className={`score-value num ${verdict ?? ''}`}>
      {verdict !== null && <StatusIcon shape={verdict === 'ok' ? 'ok' : 'error'} size={14} />}
      {scoreText(score)}
    </b>
  )
}
