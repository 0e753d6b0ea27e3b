// The one file that reaches for what only some platforms have: Node's own modules, its process, its
// Buffer. Edge runtimes and browsers have none of them, and no bundler has to look for any.

import type * as crypto from 'node:crypto'
import type * as http from 'node:http'
import type * as process from 'node:process'
import type * as zlib from 'node:zlib'

type NodeCrypto = typeof crypto
type NodeZlib = typeof zlib
export type NodeHttp = Pick<typeof http, 'request' | 'Agent'>
export type NodeProcess = typeof process

/** `node:crypto`, or undefined outside Node. */
export function nodeCrypto(): NodeCrypto | undefined {
  return builtin('node:crypto') as NodeCrypto | undefined
}

/** `node:http` or `node:https`, or undefined outside Node. */
export function nodeHttp(protocol: string): NodeHttp | undefined {
  const name = protocol === 'https:' ? 'node:https' : 'node:http'
  return isEdge() ? undefined : (builtin(name) as NodeHttp | undefined)
}

/** `node:zlib`, or undefined outside Node. */
export function nodeZlib(): NodeZlib | undefined {
  return isEdge() ? undefined : (builtin('node:zlib') as NodeZlib | undefined)
}

/** The process with its events and signals, or undefined where there is none. */
export function nodeProcess(): NodeProcess | undefined {
  const found = processLike() as Partial<NodeProcess> | undefined
  const hasEvents = typeof found?.on === 'function' && typeof found.listeners === 'function'
  return hasEvents && !isEdge() ? (found as NodeProcess) : undefined
}

/** Environment variables; none where there is no environment. */
export function environment(): Readonly<Record<string, string | undefined>> {
  try {
    return processLike()?.env ?? {}
  } catch {
    // Deno asks for permission, and may be refused.
    return {}
  }
}

/** A variable of asynchronous context, as far as the platform has one. */
export interface ContextVariable<T> {
  get(): T | undefined
  run<R>(value: T | undefined, fn: () => R): R
}

type AsyncStorage<T> = { getStore(): T | undefined; run<R>(value: T | undefined, fn: () => R): R }
type AsyncStorageClass = new <T>() => AsyncStorage<T>

/** Follows the application through promises and callbacks; without help of the platform, calls only. */
export function contextVariable<T>(): ContextVariable<T> {
  const shared = globalThis as { readonly AsyncLocalStorage?: AsyncStorageClass }
  const hooks = builtin('node:async_hooks') as { AsyncLocalStorage?: AsyncStorageClass } | undefined
  const Storage = hooks?.AsyncLocalStorage ?? shared.AsyncLocalStorage
  if (Storage === undefined) return callVariable<T>()
  const storage = new Storage<T>()
  return { get: () => storage.getStore(), run: (value, fn) => storage.run(value, fn) }
}

function callVariable<T>(): ContextVariable<T> {
  let current: T | undefined
  return {
    get: () => current,
    run: (value, fn) => {
      const outer = current
      current = value
      try {
        return fn()
      } finally {
        current = outer
      }
    },
  }
}

/** Bytes, with the fast ways that Node's Buffer has to fill them and to show them. */
export type Bytes = Uint8Array & {
  readonly utf8Write?: (text: string, at: number, length: number) => number
  readonly hexSlice?: (start: number, end: number) => string
}

type BufferLike = { readonly allocUnsafeSlow?: (length: number) => Bytes }

/** Bytes of any content; a Buffer where there is one. */
export function allocate(length: number): Bytes {
  const { Buffer } = globalThis as { readonly Buffer?: BufferLike }
  return Buffer?.allocUnsafeSlow?.(length) ?? new Uint8Array(length)
}

type ProcessLike = {
  readonly getBuiltinModule?: (id: string) => unknown
  readonly env?: Readonly<Record<string, string | undefined>>
}

function processLike(): ProcessLike | undefined {
  return (globalThis as { readonly process?: ProcessLike }).process
}

function builtin(id: string): unknown {
  return processLike()?.getBuiltinModule?.(id)
}

/** Cloudflare's workers answer to some of Node's names without its sockets, signals and threads. */
function isEdge(): boolean {
  const { navigator } = globalThis as { readonly navigator?: { readonly userAgent?: string } }
  return navigator?.userAgent === 'Cloudflare-Workers'
}
