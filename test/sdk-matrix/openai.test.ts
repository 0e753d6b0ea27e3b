import { describeMatrix } from './describe-matrix.ts'
import { startHeldOpenAI } from './held-openai.ts'
import { chatCases } from './openai-chat-cases.ts'
import { compatibleCases } from './openai-compatible-cases.ts'
import { mediaCases } from './openai-media-cases.ts'
import { moreChatCases } from './openai-more-chat-cases.ts'
import { moreResponsesCases } from './openai-more-responses-cases.ts'
import { moreStreamCases } from './openai-more-stream-cases.ts'
import { responsesCases } from './openai-responses-cases.ts'
import { OPENAI_CLIENTS } from './openai-setting.ts'
import { streamCases } from './openai-stream-cases.ts'

describeMatrix({
  title: 'OpenAI',
  clients: OPENAI_CLIENTS,
  cases: [
    ...chatCases,
    ...streamCases,
    ...responsesCases,
    ...moreChatCases,
    ...moreStreamCases,
    ...moreResponsesCases,
    ...mediaCases,
    ...compatibleCases,
  ],
  startHeld: startHeldOpenAI,
})
