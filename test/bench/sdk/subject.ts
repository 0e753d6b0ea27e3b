// The application that is measured: one process per variant, task and round. Packages are found from the
// variant's file, which lies in the folder that holds them.
import { pathToFileURL } from 'node:url'
import { createProvider } from './provider.ts'
import type { SubjectOrder } from './run-subject.ts'
import { chunks } from './subject-chunks.ts'
import { costInTurns } from './subject-cost.ts'
import { block, heap } from './subject-long.ts'
import { runLoss } from './subject-loss.ts'
import { tell } from './tell.ts'
import type { ReadyVariant, VariantModule } from './variant.ts'
import { makeWorkload } from './workloads.ts'

const order = JSON.parse(process.argv[2] ?? '') as SubjectOrder
const workload = makeWorkload(order.workload)

async function setUp(file: string): Promise<ReadyVariant> {
  const { setUp: start } = (await import(pathToFileURL(file).href)) as VariantModule
  return start({ endpoint: order.endpoint, fetch: createProvider(workload.answers) })
}

const startedAt = performance.now()
const variant = await setUp(order.variantFile)
const setUpMs = performance.now() - startedAt
const subject = { order, workload, variant }

switch (order.task) {
  case 'cost':
    await costInTurns(subject, await setUp(order.bareFile))
    break
  case 'chunks':
    tell(await chunks(subject, await setUp(order.bareFile)))
    break
  case 'setUp':
    await workload.call(variant.openai, 0)
    tell({ setUpMs, firstCallMs: performance.now() - startedAt - setUpMs })
    break
  case 'heap':
    tell(await heap(subject))
    break
  case 'block':
    tell(await block(subject))
    break
  case 'loss':
    await runLoss(subject)
    break
}
if (order.task !== 'loss') process.exit(0)
