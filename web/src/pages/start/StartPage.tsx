import { useNavigate, useSearch } from '@tanstack/react-router'
import { useId } from 'react'
import { START_LANGS } from '../../lib/page-search.ts'
import { PageFrame } from '../../shell/PageFrame.tsx'
import { CopyText } from '../../ui/CopyText.tsx'
import { Tabs } from '../../ui/Tabs.tsx'
import { Listening } from './Listening.tsx'
import { guidesFor, type Guide, type Lang } from './snippets.ts'

/** Until something has come in: what to paste, and a light that turns green. */
export function StartPage() {
  const { lang = 'sdk' } = useSearch({ from: '/start' })
  const navigate = useNavigate()
  const panelId = useId()
  const guides = guidesFor(location.origin)
  const onLang = (next: Lang): void =>
    void navigate({ to: '/start', search: next === 'sdk' ? {} : { lang: next }, replace: true })
  return (
    <PageFrame title="Connect an application">
      <section className="start" aria-label="Send your first trace" data-testid="onboarding">
        <div className="card">
          <Tabs
            label="Kind of application"
            tabs={START_LANGS.map((id) => ({ id, name: guides[id].name }))}
            chosen={lang}
            panelId={panelId}
            onChoose={onLang}
          />
          <div
            id={panelId}
            role="tabpanel"
            aria-labelledby={`${panelId}-${lang}`}
            className="start-guide"
          >
            <GuideView guide={guides[lang]} />
          </div>
        </div>
        <Listening />
      </section>
    </PageFrame>
  )
}

function GuideView({ guide }: { guide: Guide }) {
  return (
    <>
      <h2>{guide.title}</h2>
      {guide.snippets.map(({ label, text }) => (
        <div className="start-snippet" key={label}>
          <pre aria-label={label} tabIndex={0}>
            <code>{text}</code>
          </pre>
          <CopyText text={text} label={`Copy: ${label}`} />
        </div>
      ))}
      <p className="t2">{guide.note}</p>
    </>
  )
}
