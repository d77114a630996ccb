/** What a library holds, worked out from what was found: series, photographs, annotations, refusals. */
import { dirname, join, normalize } from 'node:path'
import type { AnnotationSummary, Refusal, ScanResult } from '../../contract'
import { assembleSeries } from '../../core/dicom/assemble-series'
import type { Series } from '../../core/dicom/assemble-series'
import type { Instance } from '../../core/dicom/instance'
import { companionOf } from './companion-masks'
import { sourceKey } from './decode/job'
import type { Source } from './decode/job'
import type { Inspected } from './inspect-files'
import { idOf, type Picture } from './picture'
import { stacksOf } from './stacks'
import { summariseRefusals } from './refusal-summary'
import { toldApart } from './told-apart'

export interface Catalogue {
  readonly result: ScanResult
  readonly series: ReadonlyMap<string, Series>
  readonly instances: ReadonlyMap<Instance, Source>
  readonly images: ReadonlyMap<string, Picture>
  readonly annotations: ReadonlyMap<string, Source>
}

interface Found {
  readonly inspected: readonly Inspected[]
  readonly pictures: readonly Picture[]
  readonly refused: readonly Refusal[]
  readonly filesRead: number
  readonly scannedAt: string
  readonly roots: readonly string[]
}

/** The series whose instances carry this UID, if it was found. */
const known = (series: ReadonlyMap<string, Series>, uid: string | null): string | null =>
  uid !== null && series.has(uid) ? uid : null

function annotationOf(item: Inspected, series: ReadonlyMap<string, Series>): AnnotationSummary | null {
  const base = { annotationId: idOf('ann', item.source), path: item.path, imageId: null }
  const { found } = item
  if (found.kind === 'lidc-xml') {
    const seriesUid = known(series, found.seriesUid)
    const note =
      seriesUid === null
        ? 'LIDC readings of a series that is not open.'
        : 'LIDC readings: up to four unordered readers.'
    return { ...base, kind: 'lidc-xml', seriesUid, note }
  }
  if (found.kind === 'document')
    return {
      ...base,
      kind: 'document',
      seriesUid: known(series, found.document.seriesUid),
      note: found.document.note,
    }
  if (found.kind === 'directory')
    return {
      ...base,
      kind: 'document',
      seriesUid: null,
      note: `DICOMDIR naming ${found.references.length} files: a hint only, the folder itself was searched.`,
    }
  return null
}

/**
 * A path as media spell it: without case, version (`;1`), the dot that ISO 9660 puts behind names, and the ways in which
 * letters are composed. Extensions are told apart by the one who asks: PS3.10 8.2 knows none, programs add them.
 */
const mediaName = (path: string): string =>
  path
    .normalize('NFC')
    .toLowerCase()
    .replaceAll('\\', '/')
    .replace(/\.?(?:;\d+)?$/, '')
const stemmed = (name: string): string => name.replace(/\.[^./]{1,5}$/, '')

/** Refusals of a DICOMDIR: references that climb out, and files that it names and that are not there. */
function directoryRefusals(item: Inspected, present: ReadonlySet<string>): readonly Refusal[] {
  const { found } = item
  if (found.kind !== 'directory') return []
  const folder = dirname(sourceKey(item.source))
  const absent = found.references.filter((reference) => {
    const path = normalize(join(folder, reference))
    return !present.has(mediaName(path)) && !present.has(stemmed(mediaName(path)))
  })
  return [
    ...found.refused.map((refusal) => ({ ...refusal, path: item.path })),
    ...absent.map((reference): Refusal => ({
      code: 'not-found',
      reason: `The directory names ${reference}, which is not there.`,
      path: item.path,
    })),
  ]
}

function companions(pictures: readonly Picture[]): {
  readonly images: readonly Picture[]
  readonly annotations: readonly AnnotationSummary[]
} {
  const paths = pictures.map(({ source }) => sourceKey(source))
  const byPath = new Map(pictures.map((picture) => [sourceKey(picture.source), picture]))
  const images: Picture[] = []
  const annotations: AnnotationSummary[] = []
  for (const picture of pictures) {
    const companion = companionOf(sourceKey(picture.source), paths)
    const owner = companion === null ? undefined : byPath.get(companion.imagePath)
    if (companion === null || owner === undefined) {
      images.push(picture)
      continue
    }
    const note =
      companion.kind === 'mask'
        ? `Mask of reader ${companion.letter} for ${owner.summary.name}.`
        : `Field of view of ${owner.summary.name}.`
    const base = { annotationId: idOf('ann', picture.source), path: picture.summary.path, seriesUid: null }
    annotations.push({ ...base, kind: companion.kind, imageId: owner.summary.imageId, note })
  }
  return { images, annotations }
}

/** Works the catalogue out anew; the same files give the same catalogue, whatever order they came in. */
export function makeCatalogue(found: Found): Catalogue {
  const instances = found.inspected.flatMap((item) =>
    item.found.kind === 'image' ? [item.found.instance] : [],
  )
  const stacks = stacksOf(found.pictures)
  const all = [...instances, ...stacks.instances.map(([instance]) => instance)]
  const series = new Map(assembleSeries(all).map((made) => [made.detail.summary.seriesUid, made]))
  const beside = companions(toldApart(found.pictures.filter((picture) => !stacks.taken.has(picture))))
  const annotated = found.inspected.flatMap((item) => annotationOf(item, series) ?? [])
  // Every file that was seen counts as present, also one that was refused: the directory is right about it.
  const seen = [...found.inspected, ...found.pictures].map(({ source }) => mediaName(sourceKey(source)))
  const present = new Set([...seen, ...seen.map(stemmed)])
  const directories = found.inspected.flatMap((item) => directoryRefusals(item, present))
  const annotations = [...annotated, ...beside.annotations]
  const every: readonly { readonly source: Source }[] = [...found.inspected, ...found.pictures]
  const byId = new Map(every.map(({ source }) => [idOf('ann', source), source]))
  return {
    result: {
      series: [...series.values()].map((made) => made.detail.summary),
      images: beside.images.map(({ summary }) => summary),
      annotations,
      refused: [...summariseRefusals([...found.refused, ...directories])],
      filesRead: found.filesRead,
      scannedAt: found.scannedAt,
      roots: [...found.roots],
    },
    series,
    instances: new Map([
      ...found.inspected.flatMap(({ found: what, source }): [Instance, Source][] =>
        what.kind === 'image' ? [[what.instance, source]] : [],
      ),
      ...stacks.instances,
    ]),
    images: new Map(beside.images.map((picture) => [picture.summary.imageId, picture])),
    annotations: new Map(
      annotations.flatMap(({ annotationId }) => {
        const source = byId.get(annotationId)
        return source === undefined ? [] : [[annotationId, source]]
      }),
    ),
  }
}
