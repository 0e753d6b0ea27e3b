import * as traceloop from '@traceloop/node-server-sdk'
import OpenAI from 'openai'

export function setUp({ endpoint, fetch }) {
  // By its module hooks it would pass over openai 7 ("<7"); handed the class, it records it.
  traceloop.initialize({
    appName: 'bench',
    apiKey: 'k',
    baseUrl: endpoint,
    disableBatch: false,
    instrumentModules: { openAI: OpenAI },
    silenceInitializationMessage: true,
    traceloopSyncEnabled: false,
  })
  const flush = () => traceloop.forceFlush()
  return { openai: new OpenAI({ apiKey: 'k', fetch }), flush, shutdown: flush }
}
