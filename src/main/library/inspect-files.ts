/** From files to what they are: each looked into by a decode thread, archives entry by entry. */
import type { Refusal } from '../../contract'
import type { ScanProgress } from './library-service'
import type { Inspection, Source } from './decode/job'
import type { DecodePool } from './decode/pool'
import type { FoundFile } from './walk-folder'

/** One thing that was looked into: a file, or an entry of an archive (`path` then is `archive.zip!/entry`). */
export interface Inspected {
  readonly source: Source
  readonly path: string
  readonly found: Inspection
}

export interface Inspections {
  readonly inspected: readonly Inspected[]
  readonly refused: readonly Refusal[]
  readonly filesRead: number
}

/** Jobs that wait in the queue of the decode threads: enough that each is given several at once and none runs dry. */
const AT_ONCE = 64

interface Work {
  readonly source: Source
  readonly path: string
}

interface Progress {
  readonly read: (path: string) => void
  readonly more: (count: number) => void
}

interface Collected {
  readonly inspected: Inspected[]
  readonly refused: Refusal[]
}

async function expandArchive(pool: DecodePool, work: Work, collected: Collected): Promise<readonly Work[]> {
  const { source } = work
  if (source.kind === 'entry') {
    collected.refused.push({
      code: 'archive-damaged',
      reason: 'An archive inside an archive is not opened.',
      path: work.path,
      next: 'Unpack it and open the folder.',
    })
    return []
  }
  const answer = await pool.run({ kind: 'list', source, path: work.path })
  if (answer.kind !== 'list') {
    if (answer.kind === 'refused') collected.refused.push(answer.refusal)
    return []
  }
  collected.refused.push(...answer.listing.refused)
  return answer.listing.entries.map((entry) => ({
    source: { kind: 'entry', file: source.file, entry },
    path: `${work.path}!/${entry.name}`,
  }))
}

/** Looks into one file; an archive answers with its entries. */
async function inspectOne(pool: DecodePool, work: Work, collected: Collected): Promise<readonly Work[]> {
  const answer = await pool.run({ kind: 'inspect', source: work.source, path: work.path })
  if (answer.kind === 'refused') collected.refused.push(answer.refusal)
  if (answer.kind !== 'inspect') return []
  if (answer.inspection.kind === 'archive') return expandArchive(pool, work, collected)
  // From now on it is this state of the file that its header was read from.
  const source = { ...work.source, version: answer.version }
  collected.inspected.push({ ...work, source, found: answer.inspection })
  return []
}

async function inspectAll(
  pool: DecodePool,
  works: readonly Work[],
  collected: Collected,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  let next = 0
  const entries: Work[] = []
  const lane = async (): Promise<void> => {
    for (let work = works[next]; work !== undefined && !signal.aborted; work = works[next]) {
      next += 1
      const inside = await inspectOne(pool, work, collected)
      for (const entry of inside) entries.push(entry)
      progress.more(inside.length)
      progress.read(work.path)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  if (entries.length > 0) await inspectAll(pool, entries, collected, progress, signal)
}

const byPath = (
  a: { readonly path?: string | undefined },
  b: { readonly path?: string | undefined },
): number => ((a.path ?? '') < (b.path ?? '') ? -1 : 1)

/** Looks into files; progress counts true files and entries. The answer does not depend on which thread was faster. */
export async function inspectFiles(
  pool: DecodePool,
  files: readonly FoundFile[],
  onProgress: (progress: ScanProgress) => void,
  signal: AbortSignal,
): Promise<Inspections> {
  let filesRead = 0
  let filesTotal = files.length
  const progress: Progress = {
    read: (path) => {
      filesRead += 1
      onProgress({ filesRead, filesTotal, path })
    },
    more: (count) => {
      filesTotal += count
    },
  }
  const collected: Collected = { inspected: [], refused: [] }
  const works = files.map(({ file, path }): Work => ({ source: { kind: 'file', file }, path }))
  await inspectAll(pool, works, collected, progress, signal)
  return { inspected: collected.inspected.sort(byPath), refused: collected.refused.sort(byPath), filesRead }
}
