import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import '@fontsource-variable/inter'
import '@fontsource-variable/jetbrains-mono'
import './styles/mantine.css'
import './styles/tokens.css'
import './styles/base.css'
import './styles/shell.css'
import './styles/charts.css'
import './styles/overview.css'
import './styles/trace.css'
import './styles/panel.css'
import './styles/traces.css'
import './styles/alerts.css'
import './styles/ingest.css'
import './styles/start.css'
import { App } from './App.tsx'
import { allowStyleTextOnly } from './lib/trusted-types.ts'

allowStyleTextOnly()

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no element #root')
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
