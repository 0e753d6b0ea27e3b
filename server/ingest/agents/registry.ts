import type { Agent } from './agent.ts'
import { claudeCode } from './claude-code.ts'
import { codex } from './codex.ts'
import { geminiCli, qwenCode } from './gemini-cli.ts'

export const AGENTS: readonly Agent[] = [claudeCode, codex, geminiCli, qwenCode]
