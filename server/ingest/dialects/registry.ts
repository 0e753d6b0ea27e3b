import { anthropicSdk } from './anthropic-sdk.ts'
import { awsBedrock } from './aws-bedrock.ts'
import { AGENTS } from '../agents/registry.ts'
import { claudeCode } from './claude-code.ts'
import { copilot } from './copilot.ts'
import { crewai } from './crewai.ts'
import type { Dialect } from './dialect.ts'
import { geminiCli } from './gemini-cli.ts'
import { genAi } from './gen-ai.ts'
import { googleAdk } from './google-adk.ts'
import { langfuse } from './langfuse.ts'
import { langfuseTrace } from './langfuse-trace.ts'
import { langsmith } from './langsmith.ts'
import { litellm } from './litellm.ts'
import { logfire } from './logfire.ts'
import { mastra } from './mastra.ts'
import { mlflow } from './mlflow.ts'
import { openinference } from './openinference.ts'
import { openlit } from './openlit.ts'
import { otel } from './otel.ts'
import { pydanticAi } from './pydantic-ai.ts'
import { semanticKernel } from './semantic-kernel.ts'
import { sentry } from './sentry.ts'
import { sightline } from './sightline.ts'
import { strands } from './strands.ts'
import { traceloop } from './traceloop.ts'
import { vercelAi } from './vercel-ai.ts'

/** In order of precedence: where a span carries several namespaces, the first wins per field. */
export const DIALECTS: readonly Dialect[] = [
  sightline,
  ...AGENTS.map(({ dialect }) => dialect),
  claudeCode,
  langfuse,
  langfuseTrace,
  googleAdk,
  strands,
  geminiCli,
  openlit,
  anthropicSdk,
  litellm,
  genAi,
  mastra,
  pydanticAi,
  logfire,
  semanticKernel,
  langsmith,
  sentry,
  copilot,
  awsBedrock,
  openinference,
  vercelAi,
  crewai,
  traceloop,
  mlflow,
  otel,
]
