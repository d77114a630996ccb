import { accept, refuse } from '../../../contract'
import type { Result } from '../../../contract'
import { pythonCommands, type PythonPlaces } from '../find-python'
import { runPython } from './run-python'

/** What can make an environment. */
export interface BasePython {
  readonly words: string
  /** The command that makes one in a folder. */
  readonly makes: (folder: string, isOffline: boolean) => readonly string[]
  /** The command that asks its pip; null: none to ask. */
  readonly python: string | null
}

/** A Python on a slow disk takes seconds to start. */
const ASK_TIMEOUT_MS = 20_000
/** PyTorch has wheels for no older one (requires-python of the trainer). */
const ASK = `import sys
v = sys.version_info
if v < (3, 11): print("old"); sys.exit()
try:
    import venv, ensurepip
except ImportError:
    print("bare"); sys.exit()
print("fits", "%d.%d.%d" % v[:3])`

/** For uv, which fetches a Python where none is here. */
const UV_PYTHON = '3.12'

/** The first Python that can make an environment, else uv. Refused with what is missing. */
export async function findBasePython(
  places: PythonPlaces,
  signal?: AbortSignal,
): Promise<Result<BasePython>> {
  const { environment } = places
  const ask = { environment, limitMs: ASK_TIMEOUT_MS, ...(signal === undefined ? {} : { signal }) }
  let bare: string | null = null
  for (const command of pythonCommands({ ...places, environmentDirs: [] })) {
    const [said = ''] = (await runPython([command, '-c', ASK], ask)).out
    const version = /^fits (\S+)$/.exec(said)?.[1]
    if (version !== undefined)
      return accept({
        words: `Python ${version} (${command})`,
        makes: (folder) => [command, '-m', 'venv', folder],
        python: command,
      })
    if (said === 'bare') bare ??= command
  }
  const uv = (await runPython(['uv', '--version'], ask)).out[0]
  if (uv !== undefined && /^uv /.test(uv))
    return accept({
      words: `${uv}, which fetches Python ${UV_PYTHON} itself where it has none`,
      makes: (folder, isOffline) => [
        ...['uv', 'venv', '--seed', '--python', UV_PYTHON],
        ...(isOffline ? ['--offline'] : []),
        folder,
      ],
      python: null,
    })
  return bare === null
    ? refuse('not-found', 'No Python 3.11 or newer was found: everything but training works.', {
        next: 'Install it from python.org or your system (Debian: apt install python3 python3-venv), then set it up again.',
      })
    : refuse('not-found', `${bare} cannot make an environment: its modules venv and ensurepip are missing.`, {
        next: 'Install them (Debian: apt install python3-venv), then set it up again.',
      })
}
