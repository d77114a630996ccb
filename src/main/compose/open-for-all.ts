import type { Refusal, Status } from '../../contract'
import { programError } from '../app/program-error'
import { type DemoRooms, openDemo } from '../demo/open-demo'

/**
 * Where raters sign in, what the start command named is opened at once and for all of them: none but the owner may, and
 * nobody should have to wait for the owner. What it gives says how far that is; null: done.
 */
export function openForAll(
  { demo }: { readonly demo: boolean },
  rooms: DemoRooms,
  log: (refusal: Refusal) => void,
  signal: AbortSignal,
): () => Status['opening'] {
  let reached: Status['opening'] = { filesRead: 0, filesTotal: 0 }
  const { library } = rooms
  const work = async (): Promise<void> => {
    const scanned = await library.scan(
      library.roots(),
      ({ filesRead, filesTotal }) => {
        reached = { filesRead, filesTotal }
      },
      signal,
    )
    const made = demo && !signal.aborted ? await openDemo(rooms, signal) : null
    for (const one of [scanned, made]) if (one?.ok === false && !signal.aborted) log(one.refusal)
  }
  work()
    .catch((error: unknown) => {
      if (!signal.aborted) log(programError(error))
    })
    .finally(() => {
      reached = null
    })
  return () => reached
}
