import { mkdirSync, readFileSync, rmSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { isStillRunning, recordOfProcess } from './process-record.mjs'

const RETRY_MS = 50
// A holder writes its record right after creating the file: older and unreadable means it died between.
const TORN_AFTER_MS = 2_000

/**
 * Takes a lock that outlives nobody: one whose holder was killed is taken over.
 * @param {string} path the lock file; its folder is created
 * @param {{ signal?: AbortSignal, onWait?: (holderPid: number | undefined) => void }} [options]
 * @returns {Promise<() => void>} the release
 */
export async function acquireFileLock(path, { signal, onWait } = {}) {
  mkdirSync(dirname(path), { recursive: true })
  const record = JSON.stringify(recordOfProcess(process.pid))
  let told = false
  for (;;) {
    signal?.throwIfAborted()
    if (tryCreate(path, record)) return () => releaseFileLock(path, record)
    const holder = readHolder(path)
    if (holder === 'stale') {
      breakLock(path)
      continue
    }
    if (!told) {
      onWait?.(holder?.pid)
      told = true
    }
    await delay(RETRY_MS, undefined, { signal })
  }
}

/** @param {string} path @param {string} record */
function tryCreate(path, record) {
  try {
    writeFileSync(path, record, { flag: 'wx' })
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/** @param {string} path @param {string} record */
function releaseFileLock(path, record) {
  if (readText(path) === record) rmSync(path, { force: true })
}

/**
 * @param {string} path
 * @returns {{ pid: number } | undefined | 'stale'} undefined when it was released or is being written
 */
function readHolder(path) {
  const text = readText(path)
  if (text === undefined) return undefined
  let holder
  try {
    holder = JSON.parse(text)
  } catch {
    return ageMs(path) > TORN_AFTER_MS ? 'stale' : undefined
  }
  return isStillRunning(holder) ? holder : 'stale'
}

/**
 * Removes a dead holder's lock. The second lock keeps two waiters from both doing so, where the
 * slower one would remove the lock that the faster one has just taken.
 * @param {string} path
 */
function breakLock(path) {
  const breaker = `${path}.break`
  try {
    mkdirSync(breaker)
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    if (ageMs(breaker) > TORN_AFTER_MS) removeFolder(breaker)
    return
  }
  try {
    if (readHolder(path) === 'stale') rmSync(path, { force: true })
  } finally {
    removeFolder(breaker)
  }
}

/** @param {string} path */
function removeFolder(path) {
  try {
    rmdirSync(path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
}

/** @param {string} path */
function readText(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** @param {string} path */
function ageMs(path) {
  try {
    return Date.now() - statSync(path).mtimeMs
  } catch {
    return 0
  }
}

/** @param {unknown} error */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
