import type { CostRow } from './cost-row.ts'
import { ANTHROPIC_ROWS } from './cost-rows-anthropic.ts'
import { CLAUDE_ROWS } from './cost-rows-claude.ts'
import { GOOGLE_ROWS } from './cost-rows-google.ts'
import { OPENAI_OTHER_ROWS } from './cost-rows-openai-other.ts'
import { OPENAI_ROWS } from './cost-rows-openai.ts'
import { OTHER_ROWS } from './cost-rows-others.ts'

/** Every row; neither this file nor what it imports knows the product. */
export const COST_TABLE: readonly CostRow[] = [
  ...OPENAI_ROWS,
  ...OPENAI_OTHER_ROWS,
  ...ANTHROPIC_ROWS,
  ...CLAUDE_ROWS,
  ...GOOGLE_ROWS,
  ...OTHER_ROWS,
]
