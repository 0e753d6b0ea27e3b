import { betaCases } from './anthropic-beta-cases.ts'
import { contentCases } from './anthropic-content-cases.ts'
import { plainCases } from './anthropic-plain-cases.ts'
import { ANTHROPIC_CLIENTS, startHeldAnthropic } from './anthropic-setting.ts'
import { streamCases } from './anthropic-stream-cases.ts'
import { describeMatrix } from './describe-matrix.ts'

describeMatrix({
  title: 'Anthropic',
  clients: ANTHROPIC_CLIENTS,
  cases: [...plainCases, ...contentCases, ...streamCases, ...betaCases],
  startHeld: startHeldAnthropic,
})
