/** Headers of the source's own files: a derived object copies them to the letter instead of writing numbers anew. */
import { refuse, type Result, accept } from '../../contract'
import { ELEMENTS } from '../../core/dicom/write/dicom-elements'
import {
  SHARED_KEYWORDS,
  SLICE_KEYWORDS,
  type SourceElements,
  type SourceSlice,
} from '../../core/exchange/seg/segmentation'
import type { DataSet as Written } from '../../core/dicom/write/write-dicom'
import type { DataSet } from '../../core/dicom/read-elements'
import { TAG } from '../../core/dicom/tag'
import { code, integer, valueBytes } from '../../core/dicom/values'
import { readBeginning, readDicomSource } from '../library/decode/dicom-source'
import { withSource } from '../library/decode/file-bytes'
import { walkFiles } from '../library/walk-folder'

export interface FoundSource {
  readonly slice: SourceSlice
  readonly shared: SourceElements
}

function elementsOf(dataSet: DataSet, keywords: readonly (keyof Written)[]): SourceElements {
  return new Map(
    keywords.flatMap((keyword) => {
      const bytes = valueBytes(dataSet, ELEMENTS[keyword][0])
      return bytes === null ? [] : [[keyword, new Uint8Array(bytes)] as const]
    }),
  )
}

function sourceOf(dataSet: DataSet): FoundSource {
  return {
    slice: {
      sopClassUid: code(dataSet, TAG.sopClassUid),
      sopInstanceUid: code(dataSet, TAG.sopInstanceUid),
      elements: elementsOf(dataSet, SLICE_KEYWORDS),
    },
    shared: elementsOf(dataSet, SHARED_KEYWORDS),
  }
}

const isMultiFrame = (dataSet: DataSet): boolean => (integer(dataSet, TAG.numberOfFrames) ?? 1) > 1

/**
 * Finds the files of these instances below the opened roots. Refused: instances that no plain file holds (those of an
 * archive), and multi-frame files.
 */
export async function findSourceSlices(
  roots: readonly string[],
  sopInstanceUids: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Result<ReadonlyMap<string, FoundSource>>> {
  const { files } = await walkFiles(roots, roots, signal)
  const found = new Map<string, FoundSource>()
  let multiFrame = false
  for (const { file } of files) {
    if (found.size === sopInstanceUids.size) break
    const header = withSource({ kind: 'file', file }, (open) => readDicomSource(open, readBeginning(open)))
    if (!header.ok) continue
    const { dataSet } = header.value
    const uid = code(dataSet, TAG.sopInstanceUid)
    if (!sopInstanceUids.has(uid)) continue
    if (isMultiFrame(dataSet)) multiFrame = true
    else found.set(uid, sourceOf(dataSet))
  }
  if (found.size === sopInstanceUids.size) return accept(found)
  const why = multiFrame
    ? 'segmentations of multi-frame files are not written.'
    : 'the source files were not found as plain files.'
  return refuse('not-found', `No DICOM segmentation: ${why}`, {
    next: 'Use the masks as PNG, or unpack the archive.',
  })
}
