export type FileLockOptions = {
  signal?: AbortSignal | undefined
  /** Called once when somebody else holds the lock. */
  onWait?: (holderPid: number | undefined) => void
}

export function acquireFileLock(path: string, options?: FileLockOptions): Promise<() => void>
