const SIGNALS = ['SIGTERM', 'SIGINT'] as const

export type ExitHooks = {
  /** Called when the process is about to end, by itself or by a signal. */
  readonly drain: () => Promise<unknown>
  /** Called as the very last thing; nothing can wait any more. */
  readonly onExit: () => void
}

/** Delivers before the process ends; a signal then takes the effect it would have had. */
export function installExitHooks({ drain, onExit }: ExitHooks): () => void {
  const onBeforeExit = () => {
    void drain()
  }
  const onSignal = (signal: NodeJS.Signals) => {
    // An application that handles the signal itself decides when to end.
    const isOurs = process.listenerCount(signal) === 1
    void drain().finally(() => {
      if (!isOurs) return
      uninstall()
      process.kill(process.pid, signal)
    })
  }

  process.on('beforeExit', onBeforeExit)
  process.on('exit', onExit)
  // First in line, where listeners that the application registered by `once` still count.
  for (const signal of SIGNALS) process.prependListener(signal, onSignal)

  function uninstall(): void {
    process.off('beforeExit', onBeforeExit)
    process.off('exit', onExit)
    for (const signal of SIGNALS) process.off(signal, onSignal)
  }
  return uninstall
}
