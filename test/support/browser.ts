import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { chromium } from 'playwright-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { acquireFileLock } from '../../server/bootstrap/file-lock.mjs'

export type ObservedPage = {
  page: Page
  /** Console errors and uncaught exceptions, as they come. */
  consoleErrors: string[]
  /** Requests and sockets to any other origin. */
  foreignRequests: string[]
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

type Program = { executablePath: string; env: Record<string, string> }

const ARGS = [
  // There is no usable sandbox in containers and as root; the pages opened are our own.
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--font-render-hinting=none',
  '--hide-scrollbars',
]
/** Of what is written beside the package's files: another number unpacks anew. */
const LAYOUT = 2
/**
 * The package's own file names absolute folders; without one system font even web fonts fail. The
 * cache goes under XDG_CACHE_HOME: a relative folder would be made wherever the tests are run.
 */
const FONTS_CONF = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`
const CACHE = fileURLToPath(new URL('../../.sightline/tools/', import.meta.url))

/** Chromium from CHROMIUM_PATH, the npm package or the PATH; throws with the reason when none runs. */
export async function launchBrowser(): Promise<Browser> {
  const { executablePath, env } = await findChromium()
  return chromium.launch({ executablePath, env, args: ARGS, headless: true, timeout: 60_000 })
}

/** A page in a context of its own that notes console errors and requests that leave `origin`. */
export async function openPage(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<ObservedPage> {
  const context = await browser.newContext({ baseURL: origin, ...options })
  const page = await context.newPage()
  const consoleErrors: string[] = []
  const foreignRequests: string[] = []
  const noteForeign = (url: string): void => {
    if (isForeign(url, origin)) foreignRequests.push(url)
  }
  page.on('console', (message) => {
    if (message.type() === 'error') consoleErrors.push(message.text())
  })
  page.on('pageerror', (error) => consoleErrors.push(String(error)))
  page.on('request', (request) => noteForeign(request.url()))
  page.on('websocket', (socket) => noteForeign(socket.url()))
  const close = (): Promise<void> => context.close()
  return { page, consoleErrors, foreignRequests, close, [Symbol.asyncDispose]: close }
}

function isForeign(url: string, origin: string): boolean {
  const { protocol, host } = new URL(url)
  if (protocol === 'data:' || protocol === 'blob:' || protocol === 'about:') return false
  return host !== new URL(origin).host
}

async function findChromium(): Promise<Program> {
  const env = currentEnvironment()
  const given = process.env['CHROMIUM_PATH']
  if (given !== undefined && given !== '') {
    if (!existsSync(given)) throw new Error(`CHROMIUM_PATH=${given}: there is no such file`)
    return { executablePath: given, env }
  }
  const reasons: string[] = []
  try {
    const program = await unpackChromium(env)
    await promisify(execFile)(program.executablePath, ['--version'], { env: program.env })
    return program
  } catch (error) {
    reasons.push(`@sparticuz/chromium: ${String(error)}`)
  }
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
      const executablePath = join(folder, name)
      if (existsSync(executablePath)) return { executablePath, env }
    }
  }
  throw new Error(
    `no Chromium for the browser tests: ${reasons.join('; ')}; none on the PATH; set CHROMIUM_PATH`,
  )
}

async function unpackChromium(env: Record<string, string>): Promise<Program> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`the package holds linux-x64 only, this is ${process.platform}-${process.arch}`)
  }
  const folder = join(CACHE, `chromium-${await packageVersion()}-${LAYOUT}`)
  if (!existsSync(folder)) await unpackInto(folder)
  return {
    executablePath: join(folder, 'chromium'),
    env: {
      ...env,
      FONTCONFIG_PATH: join(folder, 'fonts'),
      XDG_CACHE_HOME: join(folder, 'cache'),
      LD_LIBRARY_PATH: [join(folder, 'al2023', 'lib'), folder].join(delimiter),
    },
  }
}

/** By way of a rename, so that an unpacking that broke off is never taken for a whole one. */
async function unpackInto(folder: string): Promise<void> {
  await mkdir(CACHE, { recursive: true })
  const release = await acquireFileLock(`${folder}.lock`)
  try {
    if (existsSync(folder)) return
    const unfinished = await mkdtemp(`${folder}-`)
    try {
      const script = fileURLToPath(new URL('unpack-chromium.ts', import.meta.url))
      const env = { ...currentEnvironment(), TMPDIR: unfinished }
      await promisify(execFile)(process.execPath, [script], { env })
      await writeFile(join(unfinished, 'fonts', 'fonts.conf'), FONTS_CONF)
      await rename(unfinished, folder)
    } finally {
      await rm(unfinished, { recursive: true, force: true })
    }
  } finally {
    release()
  }
}

async function packageVersion(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium')
  const text = await readFile(join(dirname(entry), '..', 'package.json'), 'utf8')
  const { version } = JSON.parse(text) as { version: string }
  return version
}

function currentEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env)
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
