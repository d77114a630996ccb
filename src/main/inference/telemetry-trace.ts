import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Where a user's files lie on this computer. */
export interface UserPlaces {
  readonly platform: NodeJS.Platform
  readonly environment: NodeJS.ProcessEnv
  readonly home: string
  readonly temporary: string
}

/** ONNX Runtime's folder below the one where programs of this system keep such things. */
const FOLDER = ['Microsoft', 'DeveloperTools', '.onnxruntime']
/** The uploader's own log and session file. */
const LEFT_IN_TEMPORARY = /^(mat-debug-\d+\.log|\.ses)$/

/** The device number and the events that ONNX Runtime stored, as Margin 0.1.0 let it. Windows keeps none in files. */
export async function telemetryTraces(places: UserPlaces): Promise<readonly string[]> {
  const { platform, temporary } = places
  if (platform === 'win32') return []
  const found: string[] = []
  const store = storeOf(places)
  if ((await namesIn(join(store, '..'))).includes('.onnxruntime')) found.push(store)
  for (const name of await namesIn(temporary)) {
    if (LEFT_IN_TEMPORARY.test(name)) found.push(join(temporary, name))
  }
  return found
}

/** Deletes them; gives what it deleted. Another program with ONNX Runtime makes its own anew. */
export async function removeTelemetryTraces(places: UserPlaces): Promise<readonly string[]> {
  const traces = await telemetryTraces(places)
  for (const path of traces) await rm(path, { recursive: true, force: true })
  return traces
}

function storeOf({ platform, environment, home }: UserPlaces): string {
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', ...FOLDER)
  const cache = environment['XDG_CACHE_HOME'] ?? ''
  return join(cache.startsWith('/') ? cache : join(home, '.cache'), ...FOLDER)
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch {
    return []
  }
}
