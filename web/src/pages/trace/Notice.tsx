import { StatusIcon } from '../../ui/StatusIcon.tsx'
import type { Completeness } from './completeness.ts'
import type { TraceModel } from './trace-node.ts'

/** What is not as it should be: no root, or spans that hang on nothing. */
export function Notice({ model, completeness }: { model: TraceModel; completeness: Completeness }) {
  const orphans = model.unattached.length
  const isRootless = completeness.status === 'rootless'
  if (!isRootless && (orphans === 0 || completeness.status === 'loading')) return null
  return (
    <div className="trace-notice warn" data-testid="root-notice">
      <StatusIcon shape="warn" />
      {isRootless
        ? capital(completeness.text)
        : `${orphans} span${orphans === 1 ? '' : 's'} whose parent has not been received`}
    </div>
  )
}

function capital(text: string): string {
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}`
}
