import { readFileSync, writeFileSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { acquireFileLock } from '../../server/bootstrap/file-lock.mjs'

// Adds to the number in a file, in a way that loses counts unless the lock keeps others out:
// `count-under-lock.ts LOCK FILE TIMES`; with "hold" for TIMES it keeps the lock until it is killed.
const [lock = '', file = '', times = ''] = process.argv.slice(2)
if (times === 'hold') {
  await acquireFileLock(lock)
  process.stdout.write('held\n')
  setInterval(() => undefined, 60_000)
}
for (let round = 0; round < Number(times); round += 1) {
  const release = await acquireFileLock(lock)
  const count = Number(readFileSync(file, 'utf8'))
  await nextTurn()
  writeFileSync(file, String(count + 1))
  release()
}
