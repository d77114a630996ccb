/** From the arguments of `margin infer` to what is run: the series or photograph, its readings, and a request a slice. */
import { formatPlural } from '../../../core/words/numbers'
import { placeName } from '../../../core/words/place-words'
import { modelModality } from '../../../core/subject/modalities'
import { isPhotographFile } from '../../../core/files/photograph-file'
import { kindOf } from '../../../core/subject/subject-kinds'
import { stat } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import {
  accept,
  type ImageSummary,
  type ReadingSet,
  refuse,
  type Result,
  type RunTarget,
  type SeriesDetail,
  type Structure,
} from '../../../contract'
import { countedStack, sliceOfNumber } from '../../../core/geometry/slice-number'
import { idOf } from '../../library/picture'
import { realPath } from '../../library/roots'
import type { Services } from '../../app/services'
import { type CommandIo, UsageError } from '../command-io'
import type { InferArguments } from './infer-arguments'

/** One lesion, one point, or the vessels of a photograph: a run for each slice. */
export interface InferTarget {
  readonly id: string
  readonly label: string
  readonly structure: Structure | null
  readonly runs: readonly RunTarget[]
}

/** Which image is asked for, and where on it. */
export type ImageAsked = Pick<InferArguments, 'path' | 'seriesUid' | 'lidcXml' | 'point' | 'csv'>

export interface InferPlan {
  /** Null for a photograph. */
  readonly detail: SeriesDetail | null
  readonly image: ImageSummary | null
  readonly targets: readonly InferTarget[]
}

/** Folders of photographs whose masks lie in folders beside them. */
const IMAGE_FOLDER = /^(?:images|stare-images)$/i

const exists = async (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

/** Whether the photograph is the file itself, and no entry of it. */
export const isOwnFile = (imageId: string, file: string): boolean =>
  idOf('img', { kind: 'file', file }) === imageId

/** A photograph is opened with its folder, so that the masks beside it are found. */
export function folderOfPhotograph(path: string): string {
  const folder = dirname(path)
  return IMAGE_FOLDER.test(basename(folder)) ? dirname(folder) : folder
}

async function scanInto(
  services: Services,
  path: string,
  io: CommandIo,
  files: readonly string[] | null = null,
): Promise<Result<string>> {
  const root = await services.library.addRoot(path)
  if (!root.ok) return root
  const scanned = await services.library.scan(files ?? [root.value], () => undefined, io.signal)
  return scanned.ok ? root : scanned
}

async function importXml(
  services: Services,
  asked: ImageAsked,
  name: string,
  io: CommandIo,
): Promise<Result<ReadingSet>> {
  const candidates = [resolve(io.cwd, name), resolve(io.cwd, asked.path, name)]
  const there = await Promise.all(candidates.map(exists))
  const path = candidates.find((_candidate, index) => there[index])
  if (path === undefined) {
    return refuse('not-found', `There is no file ${name}, neither here nor in ${asked.path}.`, { path: name })
  }
  const opened = await scanInto(services, path, io)
  if (!opened.ok) return opened
  const annotationId = idOf('ann', { kind: 'file', file: opened.value })
  const { annotations, refused } = services.library.current()
  if (annotations.some((annotation) => annotation.annotationId === annotationId)) {
    return services.readings.importAnnotations({ annotationIds: [annotationId] })
  }
  const why = refused.find(
    (refusal) => refusal.path !== undefined && refusal.path !== '' && path.endsWith(refusal.path),
  )
  return why === undefined
    ? refuse('annotation-unsupported', 'The file is not an LIDC reading file.', { path: name })
    : { ok: false, refusal: why }
}

/** The photograph whose file this is, if it was found. */
async function imageAt(images: readonly ImageSummary[], path: string): Promise<readonly ImageSummary[]> {
  const real = await realPath(path)
  if (!real.ok) return []
  return images.filter(({ imageId }) => isOwnFile(imageId, real.value))
}

/** Opens what is asked for; a photograph with its folder, whatever its name ends in. */
async function openAsked(
  services: Services,
  path: string,
  io: CommandIo,
  files: readonly string[] | null,
): Promise<Result<string>> {
  if (!isPhotographFile(path)) {
    const isFile = await stat(path).then(
      (one) => one.isFile(),
      () => false,
    )
    const opened = await scanInto(services, path, io, isFile ? null : files)
    if (!opened.ok || !isFile) return opened
    if ((await imageAt(services.library.current().images, path)).length === 0) return opened
  }
  return scanInto(services, folderOfPhotograph(path), io, files)
}

function chooseSeries(
  services: Services,
  asked: ImageAsked,
  readings: ReadingSet | null,
): Result<SeriesDetail> {
  const wanted = asked.seriesUid ?? readings?.seriesUid ?? null
  if (wanted !== null) return services.library.seriesDetail(wanted)
  const { series } = services.library.current()
  const reads = kindOf({ kind: 'series' }).modality
  const [only, ...others] = series.filter(({ modality }) => modelModality(modality) !== null)
  if (only === undefined) {
    return refuse('not-found', `No ${reads} series and no photograph was found in ${asked.path}.`, {
      next: 'See what is there with "margin scan".',
    })
  }
  if (others.length === 0) return services.library.seriesDetail(only.seriesUid)
  const uids = [only, ...others].map(({ seriesUid }) => seriesUid)
  return refuse(
    'request-invalid',
    `${uids.length} ${reads} series lie in ${asked.path}: ${uids.join(', ')}.`,
    {
      next: 'Name one with --series.',
    },
  )
}

function pointTarget(detail: SeriesDetail, asked: ImageAsked): Result<InferTarget> {
  const { point } = asked
  if (point === null) throw new UsageError('A CT series needs --lidc-xml, --at or --box.')
  const { seriesUid, slices, rows, columns } = detail.summary
  const sliceIndex = sliceOfNumber(countedStack(detail), point.sliceNumber)
  if (sliceIndex === null) {
    return refuse(
      'request-invalid',
      `The series has slices 1 to ${slices}, as the page counts them; there is no slice ${point.sliceNumber}.`,
    )
  }
  if (point.column > columns - 1 || point.row > rows - 1) {
    return refuse(
      'request-invalid',
      `Column ${point.column}, row ${point.row} lies outside the image of ${columns} × ${rows} pixels, counted from 0.`,
    )
  }
  const { column, row } = point
  const run: RunTarget = { kind: 'series', seriesUid, column, row, sliceIndex, structureId: null }
  return accept({
    ...placeName(point, point.sliceNumber),
    structure: null,
    runs: [run],
  })
}

/** Each slice on which a reader drew the lesion; the crop keeps its centre, as in training. */
function structureTarget(structure: Structure, seriesUid: string): InferTarget {
  const drawn = structure.readings.flatMap((reading) => reading.slices.map((slice) => slice.sliceIndex))
  const sliceIndices = [...new Set(drawn)].sort((a, b) => a - b)
  const { structureId, label, centre } = structure
  return {
    id: structureId,
    label,
    structure,
    runs: sliceIndices.map((sliceIndex) => ({
      kind: 'series',
      seriesUid,
      sliceIndex,
      column: centre.column,
      row: centre.row,
      structureId,
    })),
  }
}

async function planSeries(services: Services, asked: ImageAsked, io: CommandIo): Promise<Result<InferPlan>> {
  const imported = asked.lidcXml === null ? null : await importXml(services, asked, asked.lidcXml, io)
  if (imported?.ok === false) return imported
  const readings = imported?.value ?? null
  for (const warning of readings?.warnings ?? []) io.err(warning.text)
  const detail = chooseSeries(services, asked, readings)
  if (!detail.ok) return detail
  if (asked.point === null && readings !== null) {
    const { seriesUid } = detail.value.summary
    const targets = readings.structures.map((structure) => structureTarget(structure, seriesUid))
    if (targets.length > 0) return accept({ detail: detail.value, image: null, targets })
    return refuse('not-found', 'No reader of this file outlined anything on the series.', {
      next: 'Name a place with --at X,Y,SLICE.',
    })
  }
  const target = pointTarget(detail.value, asked)
  return target.ok ? accept({ detail: detail.value, image: null, targets: [target.value] }) : target
}

export async function planPhotograph(services: Services, image: ImageSummary): Promise<Result<InferPlan>> {
  const { annotations } = services.library.current()
  const masks = annotations.filter(({ imageId, kind }) => imageId === image.imageId && kind === 'mask')
  let structure: Structure | null = null
  if (masks.length > 0) {
    const imported = await services.readings.importAnnotations({
      annotationIds: masks.map(({ annotationId }) => annotationId),
    })
    if (!imported.ok) return imported
    structure = imported.value.structures[0] ?? null
  }
  const run: RunTarget = { kind: 'image', imageId: image.imageId }
  return accept({
    detail: null,
    image,
    targets: [{ id: 'vessels', label: 'Vessels', structure, runs: [run] }],
  })
}

/** One image with what is run on it, or several photographs, of which each is drawn. */
export type FoundImages =
  | { readonly kind: 'one'; readonly plan: InferPlan }
  | { readonly kind: 'photographs'; readonly images: readonly ImageSummary[] }

/**
 * Opens what the arguments name and says what is to be run. `files`: who asks knows already which files of the folder
 * they are. Refused: what is not there, or leaves a choice open.
 */
export async function planInference(
  services: Services,
  asked: ImageAsked,
  io: CommandIo,
  files: readonly string[] | null = null,
): Promise<Result<InferPlan>> {
  const found = await findImages(services, asked, io, files)
  if (!found.ok) return found
  if (found.value.kind === 'one') return accept(found.value.plan)
  return refuse(
    'request-invalid',
    `${found.value.images.length} photographs lie in ${asked.path}, where one is drawn.`,
    { next: 'Name one file.' },
  )
}

/** The same, where a folder of photographs is drawn whole. */
export async function findImages(
  services: Services,
  asked: ImageAsked,
  io: CommandIo,
  files: readonly string[] | null = null,
): Promise<Result<FoundImages>> {
  const path = resolve(io.cwd, asked.path)
  const opened = await openAsked(services, path, io, files)
  if (!opened.ok) return opened
  const { images, series } = services.library.current()
  const isPhotograph = isPhotographFile(path) || (await imageAt(images, path)).length > 0
  const asksForSeries = asked.seriesUid !== null || asked.lidcXml !== null || asked.point !== null
  const isRead = series.some(({ modality }) => modelModality(modality) !== null)
  // Of a folder that holds both kinds, a table asks for the photographs, and a place for a series.
  const isMixed = !isPhotograph && !asksForSeries && isRead && images.length > 0
  if (isMixed && asked.csv === null) return refuseMixed(asked.path, series.length, images.length)
  if (isPhotograph || (!asksForSeries && (!isRead || isMixed) && images.length > 0)) {
    if (asksForSeries) throw new UsageError('A photograph takes no --series, --lidc-xml, --at or --box.')
    const named = isPhotograph ? await imageAt(images, path) : images
    const [image, ...others] = named
    if (image === undefined)
      return refuse('not-found', `${asked.path} is not a photograph that can be read.`, {
        next: 'See "margin scan".',
      })
    if (others.length > 0 || asked.csv !== null) return accept({ kind: 'photographs', images: named })
    return one(await planPhotograph(services, image))
  }
  if (asked.csv !== null) throw new UsageError('--csv is of photographs; a CT series has --export csv.')
  if (!asksForSeries && series.length > 0)
    throw new UsageError('A CT series needs --lidc-xml, --at or --box.')
  return one(await planSeries(services, asked, io))
}

const refuseMixed = (path: string, series: number, images: number): Result<never> =>
  refuse(
    'request-invalid',
    `${path} holds ${formatPlural(series, 'series', 'series')} and ${formatPlural(images, 'photograph')}; one kind is drawn at a time.`,
    {
      next: 'For the photographs add --csv FILE; for a series --at, --box or --lidc-xml, with --series UID where there are several; or name a folder of one kind. "margin batch" does both.',
    },
  )

const one = (plan: Result<InferPlan>): Result<FoundImages> =>
  plan.ok ? accept({ kind: 'one', plan: plan.value }) : plan
