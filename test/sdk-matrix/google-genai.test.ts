import { describeMatrix } from './describe-matrix.ts'
import { googleOtherCases } from './google-other-cases.ts'
import { googlePlainCases } from './google-plain-cases.ts'
import { GOOGLE_CLIENTS, startHeldGoogle } from './google-setting.ts'
import { googleStreamCases } from './google-stream-cases.ts'

describeMatrix({
  title: 'Google GenAI',
  clients: GOOGLE_CLIENTS,
  cases: [...googlePlainCases, ...googleOtherCases, ...googleStreamCases],
  startHeld: startHeldGoogle,
})
