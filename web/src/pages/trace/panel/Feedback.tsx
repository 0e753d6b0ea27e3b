import type { Score, SpanSummary } from '@sightline/server/contract'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { IconThumbDown, IconThumbUp } from '@tabler/icons-react'
import { postScore, traceScoresQuery } from '../../../api/score-queries.ts'
import { failureOf } from '../../../ui/ErrorState.tsx'

type FeedbackProps = { span: SpanSummary; scores: readonly Score[] }

const CHOICES = [
  { label: 'up', text: 'Good', Icon: IconThumbUp },
  { label: 'down', text: 'Bad', Icon: IconThumbDown },
] as const

/** One verdict of this dashboard a span: given again it replaces the one before. */
export function Feedback({ span, scores }: FeedbackProps) {
  const { traceId, spanId } = span
  const client = useQueryClient()
  const id = `dashboard-${traceId}-${spanId}`
  const given = scores.find((score) => score.id === id)?.label ?? null
  const feedback = useMutation({
    mutationFn: (label: string) =>
      postScore({ id, traceId, spanId, name: 'feedback', label, source: 'user' }),
    onSuccess: () => client.invalidateQueries({ queryKey: traceScoresQuery(traceId).queryKey }),
  })
  return (
    <div className="feedback">
      <div className="segmented" role="group" aria-label="Your feedback on this span">
        {CHOICES.map(({ label, text, Icon }) => (
          <button
            key={label}
            type="button"
            className="btn"
            aria-pressed={given === label}
            disabled={feedback.isPending}
            onClick={() => feedback.mutate(label)}
          >
            <Icon size={14} aria-hidden="true" />
            {text}
          </button>
        ))}
      </div>
      <span role="status" className={feedback.isError ? 'crit' : 'sr-only'}>
        {feedback.isError && `Not saved: ${failureOf(feedback.error).message}`}
        {feedback.isSuccess && 'Feedback saved'}
      </span>
    </div>
  )
}
