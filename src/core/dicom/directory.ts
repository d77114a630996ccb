/** DICOMDIR (PS3.3 annex F): records linked by byte offsets, each visited at most once. */
import { refuse } from '../../contract'
import type { Refusal, Result } from '../../contract'
import type { DataSet } from './read-elements'
import { TAG } from './elements'
import { codes, items, longWord } from './values'

export interface DirectoryListing {
  /** Files that the records name, as their parts below the folder of the DICOMDIR. */
  readonly references: readonly (readonly string[])[]
  readonly refused: readonly Refusal[]
}

const isClimbing = (parts: readonly string[]): boolean =>
  parts.some((part) => part === '..' || part === '' || /[/\\:\0]/.test(part))

/** Walks from the first record over "next" and "lower level"; a record met twice, or an offset between records, is damage. */
function walkRecords(root: DataSet, records: readonly DataSet[]): Result<readonly DataSet[]> {
  const byOffset = new Map(records.map((record) => [record.start, record]))
  const seen = new Set<number>()
  const visited: DataSet[] = []
  const waiting = [longWord(root, TAG.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity) ?? 0]
  for (let offset = waiting.pop(); offset !== undefined; offset = waiting.pop()) {
    if (offset === 0) continue
    const record = byOffset.get(offset)
    if (record === undefined)
      return refuse(
        'structure-damaged',
        `A directory record is said to stand at byte ${offset}, where there is none.`,
      )
    if (seen.has(offset))
      return refuse(
        'structure-damaged',
        `The directory record at byte ${offset} is reached twice: the records go round in a circle.`,
      )
    seen.add(offset)
    visited.push(record)
    waiting.push(
      longWord(record, TAG.OffsetOfTheNextDirectoryRecord) ?? 0,
      longWord(record, TAG.OffsetOfReferencedLowerLevelDirectoryEntity) ?? 0,
    )
  }
  return { ok: true, value: visited }
}

/**
 * The files that a directory names. References that climb out of its folder or are absolute are refused by name;
 * a directory whose records go round in a circle or point astray is refused whole. Records that no offset reaches
 * are read in the order of the file.
 */
export function listDirectory(root: DataSet): Result<DirectoryListing> {
  const records = items(root, TAG.DirectoryRecordSequence)
  const walked = walkRecords(root, records)
  if (!walked.ok) return walked
  const reached = new Set(walked.value)
  const all = [...walked.value, ...records.filter((record) => !reached.has(record))]
  const named = all
    .map((record) => codes(record, TAG.ReferencedFileID))
    .filter((parts) => parts.length > 0 && parts.join('') !== '')
  const refused = named.filter(isClimbing).map((parts): Refusal => ({
    code: 'path-outside-roots',
    reason: `The directory names a file outside of its folder: ${parts.join('/').slice(0, 200)}. It was not opened.`,
  }))
  return { ok: true, value: { references: named.filter((parts) => !isClimbing(parts)), refused } }
}
