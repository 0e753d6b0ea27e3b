import { startSubject } from './run-subject.ts'
import type { Ending, SubjectEnd, SubjectOrder } from './run-subject.ts'
import type { Sink, SinkMode, SinkPort } from './sink-client.ts'
import { round } from './statistics.ts'
import { LAST_CALL_MARK, markedLine } from './tell.ts'
import type { Installed, Variant } from './variants.ts'

type Scenario = {
  readonly name: string
  readonly ending: Ending
  readonly burst?: number
  /** The collector answers so while ten calls a second are made. */
  readonly trouble?: SinkMode
}

/** Two variants do one thing at a time; outages of all pass together. */
const SHORT: readonly Scenario[] = [
  { name: 'shutdown', ending: 'shutdown' },
  { name: 'natural', ending: 'natural' },
  { name: 'sigterm', ending: 'sigterm' },
  { name: 'exit', ending: 'exit' },
  { name: 'crash', ending: 'crash' },
  { name: 'burst 10,000', ending: 'shutdown', burst: 10_000 },
]
const OUTAGES: readonly Scenario[] = [
  { name: 'down 60 s', ending: 'shutdown', trouble: 'down' },
  { name: '429 for 60 s', ending: 'shutdown', trouble: 'busy' },
]

export const LOSS_SCENARIOS: readonly string[] = [...SHORT, ...OUTAGES].map(({ name }) => name)

export type Loss = {
  readonly variant: string
  readonly scenario: string
  readonly made: number
  /** Different spans that arrived. */
  readonly arrived: number
  readonly repeated: number
  /** Lost ones that the sender itself reported to the collector, or on stderr at its end. */
  readonly told: number
  readonly endMs: number
}

const QUIET_SECONDS = 20
const LAST_WORDS = /sightline: (\d+) spans? not delivered/

export type LossSettings = {
  readonly sink: Sink
  readonly installed: Installed
  readonly variants: readonly Variant[]
  readonly outageSeconds: number
}

export async function measureLosses(settings: LossSettings): Promise<Loss[]> {
  const { variants } = settings
  const losses: Loss[] = []
  const outages = OUTAGES.flatMap((scenario) => variants.map((variant) => ({ variant, scenario })))
  const waiting = Promise.all(outages.map((one) => measure(settings, one)))
  for (const scenario of SHORT) {
    for (const variant of variants) losses.push(await measure(settings, { variant, scenario }))
  }
  return [...losses, ...(await waiting)]
}

type Case = { readonly variant: Variant; readonly scenario: Scenario }

async function measure(settings: LossSettings, { variant, scenario }: Case): Promise<Loss> {
  const { sink, installed, outageSeconds } = settings
  const { trouble, burst, ending } = scenario
  const port = await sink.open(variant.sink ?? {})
  const order: SubjectOrder = {
    task: 'loss',
    variantFile: installed.fileOf(variant),
    bareFile: installed.bareFile,
    endpoint: port.url,
    workload: 'chat1k',
    scale: 1,
    ending,
    ...(burst === undefined ? {} : { burst }),
    ...(trouble === undefined ? {} : { seconds: outageSeconds, quietSeconds: QUIET_SECONDS }),
  }
  if (trouble !== undefined) await port.setMode(trouble)
  const subject = startSubject(order)
  if (trouble !== undefined) {
    setTimeout(() => void port.setMode('ok'), outageSeconds * 1_000)
  }
  if (ending === 'sigterm') {
    let seen = ''
    subject.child.stdout?.on('data', (part: Buffer) => {
      seen += part.toString()
      if (markedLine(seen, LAST_CALL_MARK) !== undefined) subject.child.kill('SIGTERM')
    })
  }
  return toLoss({ variant, scenario }, await subject.ended, port)
}

async function toLoss({ variant, scenario }: Case, end: SubjectEnd, port: SinkPort): Promise<Loss> {
  const line = markedLine(end.stdout, LAST_CALL_MARK)
  if (line === undefined) {
    throw new Error(`${scenario.name} of ${variant.name} made no last call: ${end.stderr}`)
  }
  const { made, atMs } = JSON.parse(line) as { made: number; atMs: number }
  const { spans, repeated, dropped, errors } = await port.close()
  if (errors.length > 0) throw new Error(`the sink could not read ${variant.name}: ${errors[0]}`)
  const onStderr = Number(LAST_WORDS.exec(end.stderr)?.[1] ?? 0)
  return {
    variant: variant.name,
    scenario: scenario.name,
    made,
    arrived: spans,
    repeated,
    told: Math.max(dropped, onStderr),
    endMs: round(end.endedAtMs - atMs),
  }
}
