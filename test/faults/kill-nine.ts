import { runKillRounds, VICTIMS } from './kill-rounds.ts'

/** `node test/faults/kill-nine.ts 20`: so many rounds, printed as JSON; exits 1 on any loss. */
const rounds = Number(process.argv[2] ?? 20)
const victims = Array.from(
  { length: rounds },
  (_, index) => VICTIMS[index % VICTIMS.length] ?? 'server',
)
const report = await runKillRounds(victims, 3_000)
process.stdout.write(`${JSON.stringify(report, null, 2)}\n`)
const isWhole =
  report.lost === 0 &&
  report.doubled === 0 &&
  report.databaseProcesses === 1 &&
  report.ledger.stored === report.recount.requests &&
  report.ledger.received ===
    report.ledger.stored + report.ledger.duplicate + report.ledger.rejected &&
  JSON.stringify(report.rollup) === JSON.stringify(report.recount)
process.exit(isWhole ? 0 : 1)
