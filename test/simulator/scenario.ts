export const SCENARIOS = ['steady', 'latency-regression', 'prompt-drift'] as const

export type Scenario = (typeof SCENARIOS)[number]

/** What happened, when, and to what: the label that a detector's answer is judged by. `[start, end)` in epoch ms. */
export type Incident = {
  id: string
  type: 'latency-regression' | 'prompt-drift'
  start: number
  end: number
  /** `model` = every model's time to first token, else the tool that became slower. */
  target: 'model' | 'lookup_order' | 'retrieve'
  magnitude: number
  /** The drift signals that must turn. */
  expectedSignals: string[]
}

/** What the incidents at one instant do to the application. */
export type Effect = { ttftFactor: number; toolFactor: number; passages: number }

export const USUAL_PASSAGES = 8
const DRIFTED_PASSAGES = 24
const TTFT_FACTOR = 2.5
const TOOL_FACTOR = 25

const USUAL: Effect = { ttftFactor: 1, toolFactor: 1, passages: USUAL_PASSAGES }

/** The single labelled event of a scenario; `steady` has none. */
export function scenarioIncidents(
  scenario: Scenario,
  window: { start: number; end: number },
): Incident[] {
  if (scenario === 'steady') return []
  return [
    scenario === 'prompt-drift'
      ? promptDrift(`${scenario}-1`, window)
      : latencyRegression(`${scenario}-1`, window, 'model'),
  ]
}

const DEMO_PERIOD_MS = 600_000
const DEMO_FIRST_MS = 240_000
const DEMO_LATENCY_MS = 180_000
/** Longer, so that more than a third of the drift test's ten minutes is changed. */
const DEMO_DRIFT_MS = 240_000

/** The incidents of an endless demo whose start lies in `[from, to)`: one every ten minutes, in turn. */
export function demoIncidents(origin: number, range: { from: number; to: number }): Incident[] {
  const incidents: Incident[] = []
  const skipped = Math.floor((range.from - origin - DEMO_FIRST_MS) / DEMO_PERIOD_MS)
  for (let number = Math.max(0, skipped); ; number++) {
    const start = origin + DEMO_FIRST_MS + number * DEMO_PERIOD_MS
    if (start >= range.to) return incidents
    if (start >= range.from) incidents.push(demoIncident(number, start))
  }
}

export function effectAt(incidents: readonly Incident[], at: number): Effect {
  const active = incidents.filter(({ start, end }) => start <= at && at < end)
  if (active.length === 0) return USUAL
  const effect = { ...USUAL }
  for (const { type, target, magnitude } of active) {
    if (type === 'prompt-drift') effect.passages = DRIFTED_PASSAGES
    else if (target === 'model') effect.ttftFactor = magnitude
    else effect.toolFactor = magnitude
  }
  return effect
}

function demoIncident(number: number, start: number): Incident {
  const id = `demo-${number + 1}`
  if (number % 2 === 1) return promptDrift(id, { start, end: start + DEMO_DRIFT_MS })
  const target = number % 4 === 0 ? 'model' : 'lookup_order'
  return latencyRegression(id, { start, end: start + DEMO_LATENCY_MS }, target)
}

function promptDrift(id: string, { start, end }: { start: number; end: number }): Incident {
  return {
    id,
    type: 'prompt-drift',
    start,
    end,
    target: 'retrieve',
    magnitude: DRIFTED_PASSAGES / USUAL_PASSAGES,
    expectedSignals: ['input_length'],
  }
}

function latencyRegression(
  id: string,
  { start, end }: { start: number; end: number },
  target: 'model' | 'lookup_order',
): Incident {
  const magnitude = target === 'model' ? TTFT_FACTOR : TOOL_FACTOR
  return { id, type: 'latency-regression', start, end, target, magnitude, expectedSignals: [] }
}
