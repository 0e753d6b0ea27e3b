import type { Dialect } from './dialect.ts'

/** OTel's instrumentations of the AWS SDKs: Bedrock calls, `InvokeModel` without an operation. */
export const awsBedrock: Dialect = {
  name: 'aws-bedrock',
  markers: [],
  scope: /^(@opentelemetry\/instrumentation-aws-sdk|opentelemetry\.instrumentation\.botocore)/,
  reads: ['gen_ai.system'],
  fields: {},
  fallbackType: (view) => {
    if (view.value('gen_ai.system') !== 'aws.bedrock' || !view.has('requestModel')) return null
    const model = view.text('requestModel') ?? ''
    return /embed/i.test(model) ? 'embedding' : 'llm'
  },
}
