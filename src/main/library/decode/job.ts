/** What crosses between the main thread and the decode workers. Plain values and bytes only. */
import type { DecodeReport, PixelDescription, Refusal, SliceTags } from '../../../contract'
import type { DicomPhotograph } from '../../../core/dicom/photograph'
import type { Rescale, DicomDocument, Instance } from '../../../core/dicom/instance'

/** Where bytes come from: a file, or one entry of a ZIP archive, inflated anew each time (nothing is kept in memory). */
export type Source = (
  | { readonly kind: 'file'; readonly file: string }
  | { readonly kind: 'entry'; readonly file: string; readonly entry: ArchiveEntry }
) & {
  /** State of the file when it was looked into: in another one nothing is read from it. Absent: not looked into yet. */
  readonly version?: string
}

/** A name that no other source has, and that is the same however the source was found. */
export const sourceKey = (source: Source): string =>
  source.kind === 'file' ? source.file : `${source.file}!/${source.entry.name}`

/** One entry of an archive as its central directory lists it; sizes are believed only as far as the limits. */
export interface ArchiveEntry {
  readonly name: string
  readonly method: number
  /** Of the unpacked content, as the directory says. */
  readonly crc32: number
  readonly headerOffset: number
  readonly packedBytes: number
}

export interface ArchiveListing {
  readonly entries: readonly ArchiveEntry[]
  readonly refused: readonly Refusal[]
}

/** What a file turned out to be. */
export type Inspection =
  | { readonly kind: 'image'; readonly instance: Instance }
  | { readonly kind: 'document'; readonly document: DicomDocument }
  /** A DICOMDIR: the files it names, as paths relative to it; `refused` names the references that climb out. */
  | {
      readonly kind: 'directory'
      readonly references: readonly string[]
      readonly refused: readonly Refusal[]
    }
  | { readonly kind: 'picture' }
  /** A DICOM object that is a photograph; its pixels were decoded once. */
  | { readonly kind: 'photograph'; readonly photograph: DicomPhotograph }
  | { readonly kind: 'archive' }
  | { readonly kind: 'lidc-xml'; readonly seriesUid: string | null }

export type Job =
  | { readonly kind: 'inspect'; readonly source: Source; readonly path: string }
  | { readonly kind: 'list'; readonly source: Source; readonly path: string }
  | {
      readonly kind: 'slice'
      readonly source: Source
      readonly path: string
      readonly frame: number
      readonly rescale: Rescale
    }
  | {
      readonly kind: 'canonical'
      readonly source: Source
      readonly path: string
      readonly frame: number | null
    }
  /** A DICOM photograph as 8-bit RGB; answered as a slice is. */
  | { readonly kind: 'photograph'; readonly source: Source; readonly path: string }
  | { readonly kind: 'bytes'; readonly source: Source; readonly path: string }
  | {
      readonly kind: 'elements'
      readonly source: Source
      readonly path: string
      readonly tags: readonly number[]
    }
  | { readonly kind: 'tags'; readonly source: Source; readonly path: string; readonly frame: number }

type DecodedReport = Exclude<DecodeReport, { refusal: unknown }>

export type Answer =
  | { readonly kind: 'inspect'; readonly inspection: Inspection; readonly version: string }
  | { readonly kind: 'list'; readonly listing: ArchiveListing }
  | {
      readonly kind: 'slice'
      readonly description: PixelDescription
      readonly bytes: Uint8Array<ArrayBuffer>
      /** Overlay planes, packed; null where there are none. */
      readonly graphics: Uint8Array | null
    }
  /** `bytes` holds the frame asked for, or all of them one after another. */
  | {
      readonly kind: 'canonical'
      readonly report: DecodedReport
      readonly bytes: Uint8Array<ArrayBuffer> | null
    }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array<ArrayBuffer> }
  /** Values of the data set's top level, by tag; absent and empty ones are left out. */
  | { readonly kind: 'elements'; readonly elements: ReadonlyMap<number, Uint8Array> }
  | { readonly kind: 'tags'; readonly tags: SliceTags }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
