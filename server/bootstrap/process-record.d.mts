export type ProcessRecord = { pid: number; startedAt: string }

export function recordOfProcess(pid: number): ProcessRecord | undefined
export function isStillRunning(record: unknown): boolean
export function isAlive(pid: number): boolean
export function isRunning(pid: number): boolean
