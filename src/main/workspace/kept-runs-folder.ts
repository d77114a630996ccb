import { createHash } from 'node:crypto'
import { mkdir, open, readdir, readFile, rm, stat, utimes } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { Instant, KeptFigures, RunRequest } from '../../contract'
import { FILE_MODE, FOLDER_MODE } from './folder-upkeep'
import { writeWholeFile } from './whole-file'

/** What stands before the samples of a run that was drawn. */
export const KeptHeader = z.strictObject({
  version: z.literal(1),
  /** `slice`: of a lesion, beside the one that was clicked, and not listed by itself. */
  kind: z.enum(['run', 'slice', 'lesion']),
  request: RunRequest,
  at: Instant,
  modelId: z.string(),
  modelSha256: z.string(),
  inputKey: z.string(),
  sliceIndex: z.number().int().nonnegative().nullable(),
  /** Version of the program that drew it. */
  program: z.string(),
  figures: KeptFigures,
  /** Of all that follows the header. */
  sha256: z.string(),
})
export type KeptHeader = z.infer<typeof KeptHeader>

export interface KeptFile {
  readonly header: KeptHeader
  readonly body: Buffer
}

/**
 * Runs that were drawn for raters, a file a run: a line of JSON, then its samples. They can be drawn again, so that they
 * are no part of the journal, may be thrown away, and the ones not looked at for longest go first.
 */
export interface KeptRunsFolder {
  /** Those of one subject; what cannot be read is none. */
  readonly list: (raterId: string, subject: string) => Promise<readonly KeptHeader[]>
  /** Null: none of this name, or it is damaged. */
  readonly read: (raterId: string, subject: string, name: string) => Promise<KeptFile | null>
  /** Throws what the file system throws. */
  readonly write: (raterId: string, subject: string, name: string, file: KeptFile) => Promise<void>
}

/** Some thousand slices of a hundred samples. */
const MOST_BYTES = 2 ** 30
/** Headers are some kilobytes. */
const HEADER_BYTES = 65_536
const ENDING = '.run'
/** Looking for room takes a while: not at every run. */
const WRITES_BETWEEN_LOOKS = 32

export const bodySha256 = (body: Uint8Array): string => createHash('sha256').update(body).digest('hex')

/** In the workspace, or where that is an address in the folder that stands in for it. */
export function keptRunsFolder(location: string, ownData: string, mostBytes = MOST_BYTES): KeptRunsFolder {
  const isAddress = /^postgres(?:ql)?:\/\//i.test(location)
  const root = join(isAddress ? ownData : resolve(location), 'runs')
  const ofRater = (raterId: string): string => join(root, raterId.replace(/[^\w-]/g, '_'))
  const folderOf = (raterId: string, subject: string): string =>
    join(ofRater(raterId), createHash('sha256').update(subject).digest('hex').slice(0, 16))
  let writes = 0
  return {
    list: async (raterId, subject) => {
      const folder = folderOf(raterId, subject)
      const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(ENDING))
      const headers: KeptHeader[] = []
      for (const name of names) {
        const header = await headerIn(join(folder, name))
        if (header !== null) headers.push(header)
      }
      return headers.sort((a, b) => (a.at < b.at ? -1 : 1))
    },
    read: async (raterId, subject, name) => {
      const path = join(folderOf(raterId, subject), `${name}${ENDING}`)
      const bytes = await readFile(path).catch(() => null)
      const file = bytes === null ? null : fileIn(bytes)
      const now = new Date()
      if (file !== null) await utimes(path, now, now).catch(() => undefined)
      return file
    },
    write: async (raterId, subject, name, { header, body }) => {
      const folder = folderOf(raterId, subject)
      await mkdir(folder, { recursive: true, mode: FOLDER_MODE })
      const bytes = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), body])
      await writeWholeFile(join(folder, `${name}${ENDING}`), bytes, { mode: FILE_MODE })
      if (writes % WRITES_BETWEEN_LOOKS === 0) await makeRoom(ofRater(raterId), mostBytes)
      writes += 1
    },
  }
}

function headerOf(line: Buffer): KeptHeader | null {
  try {
    return KeptHeader.safeParse(JSON.parse(line.toString('utf8'))).data ?? null
  } catch {
    return null
  }
}

async function headerIn(path: string): Promise<KeptHeader | null> {
  const file = await open(path).catch(() => null)
  if (file === null) return null
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0)
    const end = buffer.indexOf('\n')
    return end < 0 || end >= bytesRead ? null : headerOf(buffer.subarray(0, end))
  } catch {
    return null
  } finally {
    await file.close()
  }
}

function fileIn(bytes: Buffer): KeptFile | null {
  const end = bytes.indexOf('\n')
  const header = end < 0 ? null : headerOf(bytes.subarray(0, end))
  const body = bytes.subarray(end + 1)
  return header === null || bodySha256(body) !== header.sha256 ? null : { header, body }
}

/** Lets go of what was not looked at for longest, until the rest has room. */
async function makeRoom(folder: string, mostBytes: number): Promise<void> {
  const files: { readonly path: string; readonly bytes: number; readonly atMs: number }[] = []
  for (const subject of await readdir(folder).catch(() => []))
    for (const name of await readdir(join(folder, subject)).catch(() => [])) {
      const path = join(folder, subject, name)
      const found = await stat(path).catch(() => null)
      if (found?.isFile() === true) files.push({ path, bytes: found.size, atMs: found.mtimeMs })
    }
  let bytes = 0
  for (const file of files.sort((a, b) => b.atMs - a.atMs)) {
    bytes += file.bytes
    if (bytes > mostBytes) await rm(file.path, { force: true })
  }
}
