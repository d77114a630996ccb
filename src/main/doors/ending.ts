import { app } from 'electron'

/** Tidying takes a fraction of a second; a thread or a disk that does not answer holds nobody's window. */
const TIDY_LIMIT_MS = 10_000

/** What was laid down on disk goes, whichever way the program ends: the window, the menu, a signal, the end of the session. */
export function endInOrder(close: () => Promise<void>): void {
  let closed = false
  app.on('window-all-closed', () => {
    app.quit()
  })
  app.on('will-quit', (event) => {
    if (closed) return
    event.preventDefault()
    inTime(close())
      .catch((error: unknown) => {
        process.stderr.write(`Left behind, until the next start: ${String(error)}\n`)
      })
      .finally(() => {
        closed = true
        app.exit(Number(process.exitCode ?? 0))
      })
  })
  // After Chromium set its own, which end the program at once.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      atOnce = true
      app.quit()
    })
  }
}

const inTime = (tidied: Promise<void>): Promise<void> =>
  Promise.race([
    tidied,
    new Promise<void>((_done, fail) => {
      setTimeout(fail, TIDY_LIMIT_MS, new Error(`not tidied within ${TIDY_LIMIT_MS / 1000} s`))
    }),
  ])

let atOnce = false

/** The system ends the program: nobody is there to answer a question. */
export const endsAtOnce = (): boolean => atOnce
