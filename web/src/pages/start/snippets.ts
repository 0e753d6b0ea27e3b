import type { START_LANGS } from '../../lib/page-search.ts'

export type Lang = (typeof START_LANGS)[number]
export type Snippet = { label: string; text: string }
export type Guide = { name: string; title: string; snippets: readonly Snippet[]; note: string }

const DEFAULT_ORIGINS = new Set(['http://localhost:4318', 'http://127.0.0.1:4318'])

/** What to paste, for the address this page came from. */
export function guidesFor(origin: string): Record<Lang, Guide> {
  return {
    sdk: sdkGuide(origin),
    otel: openTelemetryGuide(origin),
    python: pythonGuide(origin),
    agents: agentsGuide(origin),
  }
}

/** The SDK's default address need not be named. */
function sdkGuide(origin: string): Guide {
  const endpoint = DEFAULT_ORIGINS.has(origin) ? '' : `endpoint: '${origin}', `
  return {
    name: 'SDK',
    title: 'Two lines in your Node program',
    snippets: [
      { label: 'Install command', text: `npm i ${origin}/sdk.tgz openai` },
      {
        label: 'SDK lines',
        text: `import OpenAI from 'openai'
import { init, wrap } from '@sightline/sdk'

init({ ${endpoint}service: 'my-app' })
const openai = wrap(new OpenAI())`,
      },
    ],
    note: 'wrap takes clients of OpenAI, Azure, Anthropic, Google GenAI and Ollama. The package comes from this server; its OpenTelemetry parts from npm. Prompts and answers are sent unless SIGHTLINE_CONTENT=none is set.',
  }
}

function openTelemetryGuide(origin: string): Guide {
  return {
    name: 'OpenTelemetry',
    title: 'Keep your exporter, in any language',
    snippets: [
      {
        label: 'OpenTelemetry variables',
        text: `export OTEL_EXPORTER_OTLP_ENDPOINT=${origin}
export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
export OTEL_SERVICE_NAME=my-app`,
      },
    ],
    note: 'Over gRPC the address is that of port 4317. Of logs, events of model calls are kept, of metrics those of model servers; the rest is answered with a partial success.',
  }
}

function pythonGuide(origin: string): Guide {
  return {
    name: 'Python',
    title: 'OpenAI calls of a Python program',
    snippets: [
      {
        label: 'Python packages',
        text: `pip install openai opentelemetry-sdk opentelemetry-exporter-otlp-proto-http \\
  openinference-instrumentation-openai`,
      },
      { label: 'Python lines', text: pythonLines(origin) },
    ],
    note: 'Other instrumentations that send OpenTelemetry traces work the same way.',
  }
}

function agentsGuide(origin: string): Guide {
  return {
    name: 'Coding agents',
    title: 'Claude Code, Codex and others',
    snippets: [
      {
        label: 'Claude Code variables',
        text: `export CLAUDE_CODE_ENABLE_TELEMETRY=1
export OTEL_LOGS_EXPORTER=otlp
export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
export OTEL_EXPORTER_OTLP_ENDPOINT=${origin}
claude`,
      },
      {
        label: 'Codex settings',
        text: `# ~/.codex/config.toml
[otel.exporter.otlp-http]
endpoint = "${origin}/v1/logs"
protocol = "binary"`,
      },
    ],
    note: 'Each call of a session shows with its tokens, cost, tools and errors. Gemini CLI and Qwen Code are read the same way. Prompts come only where the agent is told to send them.',
  }
}

function pythonLines(origin: string): string {
  return `from openinference.instrumentation.openai import OpenAIInstrumentor
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

provider = TracerProvider(resource=Resource.create({"service.name": "my-app"}))
exporter = OTLPSpanExporter(endpoint="${origin}/v1/traces")
provider.add_span_processor(BatchSpanProcessor(exporter))
OpenAIInstrumentor().instrument(tracer_provider=provider)`
}
