import { basename } from 'node:path'
import process from 'node:process'
import { runStep } from './run.mjs'

// Given on the command line they win over whatever the user's own configuration says.
const QUIET = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error']

/**
 * Runs the npm that runs us, else the one on the PATH, under the given Node: with an older Node npm
 * leaves out native packages whose `engines` it does not meet, and says nothing.
 * @param {string} node
 * @param {string[]} args
 * @param {{ cwd: string, what: string }} options
 */
export async function runNpm(node, args, { cwd, what }) {
  const script = process.env.npm_execpath ?? ''
  const isNpm = basename(script) === 'npm-cli.js'
  const options = ['--prefix', cwd, ...QUIET]
  if (isNpm) await runStep(node, [script, ...args, ...options], { cwd, what })
  else await runStep(node, [...args, ...options], { cwd, what, program: 'npm' })
}
