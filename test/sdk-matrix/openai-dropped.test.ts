import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'
import { eventually } from '../support/eventually.ts'
import { startHeldOpenAI } from './held-openai.ts'
import { NO_SDK, importSdk, MODES } from './packed-sdk.ts'
import { OPENAI_CLIENTS, openHeld } from './openai-setting.ts'
import type { OpenAISetting } from './openai-setting.ts'

// A stream that its application forgets is told of by its disappearance alone.
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const FORGOTTEN: readonly [what: string, state: string, forget: Forget][] = [
  ['that nobody reads', 'unread', async (setting) => void (await openHeld(setting))],
  [
    'that is read by hand and left',
    'abandoned',
    async (setting) => {
      const iterator = (await openHeld(setting))[Symbol.asyncIterator]()
      await iterator.next()
      await iterator.next()
    },
  ],
]

type Forget = (setting: OpenAISetting) => Promise<void>

const COMBINATIONS = OPENAI_CLIENTS.flatMap((client) =>
  MODES.map((mode) => [client.label, mode, client] as const),
)

describe.each(COMBINATIONS)('%s, %s', (_, mode, client) => {
  test.each(FORGOTTEN)(
    'a stream %s ends its span when it is gone',
    async (_what, state, forget) => {
      const sdk = await importSdk(mode)
      await using receiver = await startOtlpReceiver()
      await using held = await startHeldOpenAI()
      sdk.init({ endpoint: receiver.url })
      const base = { url: held.url, deadUrl: held.url, held, sdk: NO_SDK, isWrapped: true }

      await forget(client.open({ ...base, prepare: (target) => sdk.wrap(target) }))

      await eventually(async () => {
        collectGarbage()
        await sdk.flush()
        expect(
          receiver.spans.map(({ attributes }) => attributes['sightline.stream.state']),
        ).toEqual([state])
      })
      await sdk.shutdown()
      expect(receiver.spans).toHaveLength(1)
    },
  )
})
