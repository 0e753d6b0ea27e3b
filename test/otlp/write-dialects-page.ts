import { writeFileSync } from 'node:fs'
import { DIALECTS_PAGE, renderDialectsPage } from './dialect-table.ts'

writeFileSync(DIALECTS_PAGE, renderDialectsPage())
