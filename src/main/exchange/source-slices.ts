/** Headers of the source's own files: a derived object copies them to the letter instead of writing numbers anew. */
import { refuse, type Result, accept } from '../../contract'
import { ascii } from '../../core/dicom/text'
import { TAG } from '../../core/dicom/elements'
import {
  SHARED_KEYWORDS,
  SLICE_KEYWORDS,
  type SourceElements,
  type SourceSlice,
} from '../../core/exchange/seg/segmentation'
import type { DataSet as Written } from '../../core/dicom/write/write-dicom'
import type { ElementBytes, LibraryService } from '../library/library-service'

export interface FoundSource {
  readonly slice: SourceSlice
  readonly shared: SourceElements
}

const WANTED = [...SLICE_KEYWORDS, ...SHARED_KEYWORDS, 'SOPClassUID', 'SOPInstanceUID'] as const
const TAGS: readonly number[] = [...new Set([...WANTED.map((keyword) => TAG[keyword]), TAG.NumberOfFrames])]

function elementsOf(read: ElementBytes, keywords: readonly (keyof Written)[]): SourceElements {
  return new Map(
    keywords.flatMap((keyword) => {
      const bytes = read.get(TAG[keyword])
      return bytes === undefined ? [] : [[keyword, bytes] as const]
    }),
  )
}

const textOf = (read: ElementBytes, tag: number): string =>
  ascii(read.get(tag) ?? new Uint8Array(0)).replace(/[\0 ]+$/, '')

function sourceOf(read: ElementBytes): FoundSource {
  return {
    slice: {
      sopClassUid: textOf(read, TAG.SOPClassUID),
      sopInstanceUid: textOf(read, TAG.SOPInstanceUID),
      elements: elementsOf(read, SLICE_KEYWORDS),
    },
    shared: elementsOf(read, SHARED_KEYWORDS),
  }
}

/** The headers of these slices of an opened series, by index. Refused: files that are gone, and multi-frame files. */
export async function findSourceSlices(
  library: LibraryService,
  seriesUid: string,
  sliceIndices: ReadonlySet<number>,
): Promise<Result<ReadonlyMap<number, FoundSource>>> {
  const reads = [...sliceIndices].map(
    async (index) => [index, await library.sliceElements(seriesUid, index, TAGS)] as const,
  )
  const found = new Map<number, FoundSource>()
  for (const [index, read] of await Promise.all(reads)) {
    if (!read.ok)
      return refuse(read.refusal.code, `No DICOM segmentation: ${read.refusal.reason}`, {
        next: 'Use the masks as PNG.',
      })
    if (Number(textOf(read.value, TAG.NumberOfFrames)) > 1)
      return refuse(
        'not-found',
        'No DICOM segmentation: segmentations of multi-frame files are not written.',
        {
          next: 'Use the masks as PNG.',
        },
      )
    found.set(index, sourceOf(read.value))
  }
  return accept(found)
}
