import { useProgram } from '../wire/program'
import { useSession } from '../wire/session'
import { useLibrary } from './library'

const LOOK_AGAIN_MS = 500

/** Why nothing can be opened here now; null: it can. */
export function whyNotOpen(): string | null {
  if (!useSession().mayOpen) return 'files are opened by the owner of this workspace'
  return useLibrary().isBusy ? 'the library is busy' : null
}

/** Follows what the program opens for all of its raters to its end, then lists what was opened. */
export async function followOpeningForAll(): Promise<void> {
  const library = useLibrary()
  const program = useProgram()
  for (let now = program.status?.opening ?? null; now !== null; now = program.status?.opening ?? null) {
    library.activity = { ...now, kind: 'opening' }
    await new Promise((passed) => setTimeout(passed, LOOK_AGAIN_MS))
    if ((await program.loadStatus()) === null) break
  }
  library.activity = { kind: 'idle' }
  await library.load()
}
