import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accept } from '../../../src/contract'
import type { ReceiverStatus, Refusal } from '../../../src/contract'
import { archiveFolder } from '../../../src/main/pacs/archive-folder'
import type { ArchiveFolder } from '../../../src/main/pacs/archive-folder'
import type { ReceivedLibrary } from '../../../src/main/pacs/receiving/deliveries'
import { createReceiver } from '../../../src/main/pacs/receiving/receiver'
import type { Receiver } from '../../../src/main/pacs/receiving/receiver'
import { freePort } from '../../orthanc'

/** A receiver in a workspace of its own, on a port of its own of this computer. */
export interface ReceiverHere {
  readonly receiver: Receiver
  readonly folder: ArchiveFolder
  readonly port: number
  readonly logged: readonly Refusal[]
  /** Names of everything that lies where objects come and go: whole ones, and passing ones. */
  readonly files: () => readonly string[]
}

const nothing = { result: null } as unknown
/** Opens whatever it is told to, and shows nothing. */
const quietLibrary: ReceivedLibrary = {
  filesOf: () => [],
  addRoot: (path) => Promise.resolve(accept(path)),
  scan: () => Promise.resolve(accept(nothing as never)),
}

export interface ReceiverWanted {
  readonly library?: ReceivedLibrary
  /** Of a receiver that was here before; else one of its own. */
  readonly folder?: ArchiveFolder
  readonly port?: number
  /** Beside the settings, by name. */
  readonly besides?: Readonly<Record<string, string>>
}

/** Started, whatever came of it. `settings` null: none are laid down. */
export async function receiverHere(
  settings: object | null,
  { library = quietLibrary, folder: before, port: wanted, besides = {} }: ReceiverWanted = {},
): Promise<ReceiverHere> {
  const folder = before ?? archiveFolder(mkdtempSync(join(tmpdir(), 'margin-receiver-')), '')
  const port = wanted ?? (await freePort())
  mkdirSync(folder.root, { recursive: true, mode: 0o700 })
  if (settings !== null)
    writeFileSync(folder.settings, JSON.stringify({ receiver: { port, ...settings } }), { mode: 0o600 })
  for (const [name, text] of Object.entries(besides))
    writeFileSync(join(folder.root, name), text, { mode: 0o600 })
  const logged: Refusal[] = []
  const receiver = createReceiver({
    ...{ folder, library, workerPath: null, nowMs: () => Date.now() },
    log: (refusal) => logged.push(refusal),
  })
  await receiver.start()
  return { receiver, folder, port, logged, files: () => filesIn(folder) }
}

export const filesIn = ({ incoming, received }: ArchiveFolder): readonly string[] =>
  [incoming, received]
    .filter((at) => existsSync(at))
    .flatMap((at) => readdirSync(at, { recursive: true, encoding: 'utf8' }))
    .filter((name) => /\.(dcm|part)$/.test(name))

/** What a program said, and how it ended. */
export const ran = (
  program: string,
  args: readonly string[],
): Promise<{ readonly code: number; readonly said: string }> =>
  new Promise((done) => {
    execFile(program, [...args], { encoding: 'utf8' }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
      done({ code, said: stdout + stderr })
    })
  })

/** Waits for the receiver to say something. */
export async function until(
  { receiver }: { readonly receiver: Receiver },
  isSo: (status: ReceiverStatus) => boolean,
): Promise<ReceiverStatus> {
  const lastMs = performance.now() + 20_000
  while (!isSo(receiver.status())) {
    if (performance.now() > lastMs) throw new Error(JSON.stringify(receiver.status()))
    await new Promise((next) => setTimeout(next, 20))
  }
  return receiver.status()
}
