import { Popover } from '@mantine/core'
import { IconCheck, IconLink } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { usePageKeys } from '../lib/page-keys.ts'
import { useCopyLink, type LinkKind } from './use-copy-link.ts'
import { useView } from './use-view.ts'

const SHOWN_MS = 6_000

/** Copies at once, then says what the link holds and offers the other kind. */
export function CopyLink() {
  const { window } = useView()
  const copyLink = useCopyLink()
  const [copied, setCopied] = useState<LinkKind | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const isRolling = window.status === 'rolling'
  const copy = (kind: LinkKind): void => {
    copyLink(kind).then(
      () => {
        setProblem(null)
        setCopied(kind)
      },
      (error: unknown) => setProblem(error instanceof Error ? error.message : String(error)),
    )
  }
  const close = (): void => {
    setCopied(null)
    setProblem(null)
  }
  usePageKeys('View', [{ keys: 'Y', label: 'Copy a link', run: () => copy('frozen') }])
  useEffect(() => {
    if (copied === null) return undefined
    const timer = setTimeout(() => setCopied(null), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [copied])
  const other: LinkKind = copied === 'frozen' ? 'as-is' : 'frozen'
  return (
    <Popover
      opened={copied !== null || problem !== null}
      onChange={close}
      onDismiss={close}
      position="bottom-end"
      offset={6}
      transitionProps={{ duration: 0 }}
      withRoles={false}
    >
      <Popover.Target>
        <button
          type="button"
          className="btn ghost copy-link"
          data-testid="copy-link"
          aria-label="Copy a link to this exact view"
          title="Copy a link to this exact view (Y)"
          onClick={() => copy('frozen')}
        >
          {copied === null ? (
            <IconLink size={16} aria-hidden="true" />
          ) : (
            <IconCheck size={16} aria-hidden="true" />
          )}
        </button>
      </Popover.Target>
      <Popover.Dropdown className="popover copied">
        <span role="status" data-testid="copied">
          {problem === null ? copiedText() : `The link was not copied: ${problem}`}
        </span>
        {isRolling && problem === null && (
          <button type="button" className="btn" onClick={() => copy(other)}>
            {other === 'as-is' ? 'Keep relative instead' : 'Freeze the range instead'}
          </button>
        )}
      </Popover.Dropdown>
    </Popover>
  )

  function copiedText(): string {
    if (!isRolling) return 'Link copied.'
    return copied === 'as-is'
      ? 'Link copied. It will show the latest data.'
      : 'Link copied. It shows this very range.'
  }
}
