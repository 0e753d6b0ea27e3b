import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { delimiter, dirname } from 'node:path'
import process from 'node:process'

const OUTPUT_SHOWN = 4_000
const END_WITH_PARENT = new URL('end-with-parent.mjs', import.meta.url).href
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP']

let current
let stoppedBy

/** A signal came between two steps. */
export class Stopped extends Error {
  /** @param {NodeJS.Signals} signal */
  constructor(signal) {
    super(`stopped by ${signal}`)
    this.exitCode = 128 + constants.signals[signal]
  }
}

class StepFailed extends Error {}

/** From here on a signal goes to the step that runs, and no further step begins. */
export function stopOnSignals() {
  for (const signal of FORWARDED) {
    process.on(signal, () => {
      stoppedBy = signal
      current?.kill(signal)
    })
  }
}

/** One line that says what takes its time; on stderr, so that a command's own output stays clean. */
export function announce(line) {
  process.stderr.write(`sightline: ${line}\n`)
}

/**
 * Runs a step of the set-up in silence; what it printed is shown when it fails.
 * @param {string} node the Node to run it with, first on its PATH
 * @param {string[]} args
 * @param {{ cwd: string, what: string, program?: string }} options
 */
export async function runStep(node, args, { cwd, what, program = node }) {
  const isNode = program === node
  const child = spawn(program, isNode ? ['--import', END_WITH_PARENT, ...args] : args, {
    cwd,
    env: environmentFor(node),
    stdio: ['ignore', 'pipe', 'pipe', ...(isNode ? ['ipc'] : [])],
    shell: process.platform === 'win32' && !isNode,
  })
  let output = ''
  const collect = (chunk) => {
    output += chunk
    // The reason stands at the beginning or at the end, a flood in between.
    if (output.length > 4 * OUTPUT_SHOWN) output = excerpt(output)
  }
  child.stdout.setEncoding('utf8').on('data', collect)
  child.stderr.setEncoding('utf8').on('data', collect)
  const { code, signal } = await endOf(child)
  if (stoppedBy !== undefined) throw new Stopped(stoppedBy)
  if (code === 0) return
  throw new StepFailed(
    `${what} failed (${signal ?? `exit code ${code}`}):\n${excerpt(output.trim())}`,
  )
}

function excerpt(text) {
  if (text.length <= 2 * OUTPUT_SHOWN) return text
  return `${text.slice(0, OUTPUT_SHOWN)}\n…\n${text.slice(-OUTPUT_SHOWN)}`
}

/**
 * Runs the asked command. It ends itself when its IPC channel closes, so that even kill -9 of this
 * process leaves no orphan.
 * @param {string} node
 * @param {string[]} args
 * @param {{ cwd: string, ownSession: boolean }} options ownSession keeps the terminal's Ctrl-C from
 *   reaching the command twice
 * @returns {Promise<number>} its exit code
 */
export async function runToEnd(node, args, { cwd, ownSession }) {
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', ...args], {
    cwd,
    env: environmentFor(node),
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    detached: ownSession && process.platform !== 'win32',
  })
  const { code, signal } = await endOf(child)
  return code ?? 128 + (signal === null ? 1 : constants.signals[signal])
}

/** @param {import('node:child_process').ChildProcess} child */
async function endOf(child) {
  if (stoppedBy !== undefined) {
    child.kill('SIGKILL')
    throw new Stopped(stoppedBy)
  }
  current = child
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code, signal) => resolve({ code, signal }))
    })
  } finally {
    current = undefined
  }
}

/** @param {string} node */
function environmentFor(node) {
  const name = Object.keys(process.env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH'
  const path = [dirname(node), process.env[name] ?? ''].join(delimiter)
  return { ...process.env, [name]: path }
}
