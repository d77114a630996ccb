import { mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { accept, Manifest, refuse } from '../../contract'
import type { Result } from '../../contract'
import type { NamedFile } from '../../core/files/named-file'
import { listArchive } from '../library/decode/archive-listing'
import { withSource } from '../library/decode/file-bytes'
import type { ArchiveListing } from '../library/decode/job'
import { inOwnThread } from '../library/own-thread'
import {
  faultOfFiles,
  faultOfSafetensors,
  filesOf,
  readSums,
  sha256Of,
  SUMS_FILE,
  sumsText,
} from '../registry/package-files'
import type { Sums } from '../registry/package-files'
import { readOrdinaryFile } from '../registry/package-file'
import { FILE_MODE, FOLDER_MODE } from '../workspace/folder-upkeep'
import { writeExport } from './write-files'

/** A package as it came in: its files lie in the folder of its name, and are those of its checksums. */
export interface Unpacked {
  readonly id: string
  readonly sums: Sums
}

/** A package in a ZIP file, and the folder that its own folder is made in; only data, so that it can go to a thread. */
export interface UnpackJob {
  readonly kind: 'unpack'
  readonly file: string
  readonly into: string
}

/** The shipped packages have 6 MB; a larger network than this is none that the program draws with. */
export const MOST_PACKAGE_BYTES = 256 * 2 ** 20
const LIMITS = { limitMs: 60_000, heapMb: 512 }

/** The same package gives the same bytes: files in their order, no times, and their checksums. */
export async function packPackage(
  directory: string,
  manifest: Pick<Manifest, 'checkpoint'>,
  workerPath: string | null,
): Promise<Result<Uint8Array>> {
  const files: NamedFile[] = []
  for (const path of filesOf(manifest))
    files.push({ path, bytes: await readOrdinaryFile(join(directory, path), MOST_PACKAGE_BYTES) })
  const sums = new Map(files.map(({ path, bytes }) => [path, sha256Of(bytes)]))
  const ready = [...files, { path: SUMS_FILE, bytes: new TextEncoder().encode(sumsText(sums)) }]
  return writeExport(workerPath, { kind: 'run', ready, drawn: null })
}

/** In a thread of its own; without the built worker (tests, the command line) here. */
export const unpackPackage = (workerPath: string | null, job: UnpackJob): Promise<Result<Unpacked>> =>
  workerPath === null
    ? Promise.resolve(unpackHere(job))
    : inOwnThread<Unpacked>(workerPath, job, new Uint8Array(0), LIMITS)

const refusePackage = (file: string, fault: string): Result<never> =>
  refuse('model-refused', `${basename(file)} is no package that can be brought in: ${fault}.`, {
    next: 'Nothing was brought in. Ask for the package again where it was exported.',
  })

/** A folder is called so. */
const LONGEST_ID = 100
const Named = z.object({ id: Manifest.shape.id.max(LONGEST_ID) })

/**
 * Reads a package that `margin models export` made and lays its files down, readable and no more. Only flat, known names
 * are read, so that no entry leads anywhere; what each entry holds is bounded and is what its checksum says.
 */
export function unpackHere({ file, into }: UnpackJob): Result<Unpacked> {
  const listed = withSource<ArchiveListing>({ kind: 'file', file }, (open) =>
    open.totalBytes > MOST_PACKAGE_BYTES
      ? refuse('archive-too-large', `it is larger than ${MOST_PACKAGE_BYTES / 2 ** 20} MiB.`)
      : listArchive(open, basename(file)),
  )
  if (!listed.ok) return refusePackage(file, asFault(listed.refusal.reason))
  const { entries, refused } = listed.value
  const [odd] = refused
  if (odd !== undefined) return refusePackage(file, `${odd.path ?? ''}: ${asFault(odd.reason)}`)
  const fault = faultOfFiles(entries.map(({ name }) => name))
  if (fault !== '') return refusePackage(file, fault)
  const files = new Map<string, Uint8Array>()
  for (const entry of entries) {
    const read = withSource({ kind: 'entry', file, entry }, (open) =>
      open.totalBytes > MOST_PACKAGE_BYTES
        ? refuse('archive-too-large', `it unfolds to more than ${MOST_PACKAGE_BYTES / 2 ** 20} MiB.`)
        : accept(open.read(0, open.totalBytes)),
    )
    if (!read.ok) return refusePackage(file, `${entry.name}: ${asFault(read.refusal.reason)}`)
    files.set(entry.name, read.value)
  }
  return checkedFiles(file, into, files)
}

/** In the middle of a sentence. */
const asFault = (reason: string): string => reason.replace(/\.$/, '')

function checkedFiles(file: string, into: string, files: Map<string, Uint8Array>): Result<Unpacked> {
  const told = readSums(new TextDecoder().decode(files.get(SUMS_FILE)))
  files.delete(SUMS_FILE)
  if (told === null) return refusePackage(file, `${SUMS_FILE} is no list of checksums`)
  const [wrong] = [...files].filter(([name, bytes]) => told.get(name) !== sha256Of(bytes))
  if (wrong !== undefined) return refusePackage(file, `${wrong[0]} is not the file of its checksum`)
  if (told.size !== files.size) return refusePackage(file, `${SUMS_FILE} names files that are not there`)
  const checkpoint = files.get('checkpoint.safetensors')
  const fault = checkpoint === undefined ? '' : faultOfSafetensors(checkpoint)
  if (fault !== '') return refusePackage(file, `checkpoint.safetensors is no safetensors file, ${fault}`)
  const id = idOf(files.get('manifest.json'))
  if (id === null) return refusePackage(file, 'manifest.json does not name the package')
  mkdirSync(join(into, id), { recursive: true, mode: FOLDER_MODE })
  for (const [name, bytes] of files)
    writeFileSync(join(into, id, name), bytes, { mode: FILE_MODE, flag: 'wx' })
  return accept({ id, sums: told })
}

function idOf(manifest: Uint8Array | undefined): string | null {
  try {
    return Named.parse(JSON.parse(new TextDecoder().decode(manifest))).id
  } catch {
    return null
  }
}
