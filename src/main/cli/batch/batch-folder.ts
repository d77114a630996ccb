/** The folder of a batch: a folder an item, each appearing when it is whole. */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { accept, type BatchTask, ItemRecord, refuse, type Result } from '../../../contract'
import { writeInto } from '../../figures/output-folder'
import { readKept, writeWhole } from '../../training/training-folder'
import { isRunning } from '../../workspace/folder-upkeep'

const RECORD = 'item.json'
/** Items that are being made; whatever is in it when a batch begins was left by one that ended. */
const UNFINISHED = '.unfinished'
const HOLDER = '.holder.json'
const Holder = z.strictObject({ pid: z.number().int(), host: z.string() })

/** Takes the folder for this process, made where it is not there. Refused: another batch works in it. */
export async function holdFolder(out: string): Promise<Result<null>> {
  try {
    await mkdir(out, { recursive: true })
  } catch {
    return refuse('file-unreadable', `The folder ${out} cannot be made.`, { path: out })
  }
  const path = join(out, HOLDER)
  const held = await readKept(path, Holder)
  const isElsewhere = held !== null && held.host !== hostname()
  if (held !== null && held.pid !== process.pid && (isElsewhere || isRunning(held.pid)))
    return refuse('not-allowed', `Another batch (process ${held.pid} of ${held.host}) works in ${out}.`, {
      next: `Wait for it, or delete ${path} if it is gone.`,
    })
  await writeWhole(path, JSON.stringify({ pid: process.pid, host: hostname() }))
  await rm(join(out, UNFINISHED), { recursive: true, force: true })
  return accept(null)
}

export async function releaseFolder(out: string): Promise<void> {
  await rm(join(out, UNFINISHED), { recursive: true, force: true })
  await rm(join(out, HOLDER), { force: true })
}

/** Where an item is made; each try has its own. */
export function makingFolder({ out, itemId }: BatchTask, tryName: string): string {
  return join(out, UNFINISHED, `${itemId}-${tryName}`)
}

const filesBelow = async (folder: string, way = ''): Promise<readonly string[]> => {
  const entries = await readdir(join(folder, way), { withFileTypes: true })
  const below = entries.map((entry) => {
    const path = way === '' ? entry.name : `${way}/${entry.name}`
    return entry.isDirectory() ? filesBelow(folder, path) : Promise.resolve([path])
  })
  return (await Promise.all(below)).flat().sort()
}

const sha256Of = async (path: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex')

/** Puts what was made in its place, with the record of its files written last. */
export async function finishItem(item: BatchTask, making: string, command: string): Promise<Result<null>> {
  const files: ItemRecord['files'] = []
  for (const path of await filesBelow(making)) {
    const { size } = await stat(join(making, path))
    files.push({ path, sizeBytes: size, sha256: await sha256Of(join(making, path)) })
  }
  const { itemId, fingerprint, out } = item
  const record: ItemRecord = { formatVersion: 1, itemId, fingerprint, command, files }
  const bytes = new TextEncoder().encode(`${JSON.stringify(record, null, 2)}\n`)
  const written = await writeInto(making, { path: RECORD, bytes })
  if (!written.ok) return written
  const place = join(out, itemId)
  await rm(place, { recursive: true, force: true })
  await rename(making, place)
  return accept(null)
}

/** Whether the item stands there, of exactly what is asked, each file as it was written. */
export async function isWhole({ out, itemId, fingerprint }: BatchTask): Promise<boolean> {
  const place = join(out, itemId)
  const record = await readKept(join(place, RECORD), ItemRecord)
  if (record?.fingerprint !== fingerprint || record.itemId !== itemId) return false
  for (const { path, sizeBytes, sha256 } of record.files) {
    const found = await stat(join(place, path)).catch(() => null)
    if (found?.isFile() !== true || found.size !== sizeBytes) return false
    if ((await sha256Of(join(place, path))) !== sha256) return false
  }
  return true
}

/** A folder under an item's name that no batch made is somebody's, and is not replaced. */
export async function isForeign({ out, itemId }: BatchTask): Promise<boolean> {
  const names = await readdir(join(out, itemId)).catch((error: unknown) =>
    error instanceof Error && 'code' in error && error.code === 'ENOENT' ? [] : [''],
  )
  return names.length > 0 && !names.includes(RECORD)
}

/** What stands under an item's name and is not of this batch any more. */
export const removeItem = ({ out, itemId }: BatchTask): Promise<void> =>
  rm(join(out, itemId), { recursive: true, force: true })
