import { pathOfSubject } from '../wire/subject-query'
import { defineStore } from 'pinia'
import { shallowReactive } from 'vue'
import {
  accept,
  type PixelSpacing,
  type Result,
  SeriesDetail,
  type Slice,
  type Subject,
} from '../../contract'
import { instanceAt, instanceKey } from '../../core/subject/slice-places'
import { idOfSubject, imageSubject, keyOfSubject, seriesSubject } from '../../core/subject/subject'
import { kindOf } from '../../core/subject/subject-kinds'
import { bodyValues } from '../../core/image/display'
import { type Mask, unpackMask } from '../../core/image/mask'
import type { ViewportPicture } from '../viewer/viewport-types'
import { createBoundedCache } from '../../core/image/bounded-cache'
import { useLibrary } from '../library/library'
import { getBytes, getJson, getPixels, type Pixels } from '../wire/http'

/** Room for five chest series of 133 slices of 512 x 512; beyond it the slices used longest ago are fetched anew. */
const CACHE_BYTES = 384 * 1024 * 1024
/** Slices fetched ahead on either side, nearest first: what a quick turn of the wheel passes. */
const NEIGHBOURS = 12
/** Requests ahead at once; more would stand in the way of the slice that is waited for. */
const AHEAD_AT_ONCE = 3

interface PictureSource {
  readonly key: string
  readonly subject: Subject
  readonly path: string
  /** Which slice is meant, whatever number it has by then. */
  readonly query: string
  readonly pixelSpacingMm: PixelSpacing | null
}

function pictureFrom(source: PictureSource, pixels: Pixels, graphics: Mask | null): ViewportPicture {
  return {
    key: source.key,
    subjectKey: keyOfSubject(source.subject),
    subjectKind: source.subject.kind,
    description: pixels.description,
    pixels: bodyValues(pixels.description, new Uint8Array(pixels.bytes)),
    pixelSpacingMm: source.pixelSpacingMm,
    graphics,
  }
}

/** What the file draws over the slice. A picture without it would not be what the file shows, so that its refusal counts. */
async function graphicsOf(
  { path, query }: PictureSource,
  { description }: Pixels,
): Promise<Result<Mask | null>> {
  if (description.graphics === undefined) return accept(null)
  const answer = await getBytes(`${path}/graphics${query}`)
  if (!answer.ok) return answer
  return accept(unpackMask(new Uint8Array(answer.value), description.widthPx, description.heightPx))
}

/** Series' descriptions and pixels, kept within a bound of bytes, fetched once however many ask. */
export const usePictures = defineStore('pictures', () => {
  const library = useLibrary()
  const details = shallowReactive(new Map<string, SeriesDetail>())
  const cache = createBoundedCache<ViewportPicture>(CACHE_BYTES)
  const underway = new Map<string, Promise<Result<ViewportPicture>>>()

  /** Slices that the library has more (or fewer: below 0) than the series as it was fetched. */
  function slicesCame(seriesUid: string): number {
    const known = details.get(seriesUid)
    const listed = library.result?.series.find((one) => one.seriesUid === seriesUid)
    return known === undefined || listed === undefined ? 0 : listed.slices - known.slices.length
  }

  async function detailOf(seriesUid: string): Promise<Result<SeriesDetail>> {
    const known = details.get(seriesUid)
    if (known !== undefined && slicesCame(seriesUid) === 0) return accept(known)
    const answer = await getJson(pathOfSubject(seriesSubject(seriesUid)), SeriesDetail)
    if (answer.ok) details.set(seriesUid, answer.value)
    return answer
  }

  /** The slices of a subject as this page has it open; null: a photograph. */
  async function slicesOf(subject: Subject): Promise<Result<readonly Slice[] | null>> {
    if (!kindOf(subject).hasSlices) return accept(null)
    const detail = await detailOf(idOfSubject(subject))
    return detail.ok ? accept(detail.value.slices) : detail
  }

  async function fetchPicture(source: PictureSource): Promise<Result<ViewportPicture>> {
    const answer = await getPixels(`${source.path}${source.query}`)
    if (!answer.ok) return answer
    const graphics = await graphicsOf(source, answer.value)
    if (!graphics.ok) return graphics
    const picture = pictureFrom(source, answer.value, graphics.value)
    cache.set(source.key, picture, answer.value.bytes.byteLength + (graphics.value?.pixels.length ?? 0))
    return accept(picture)
  }

  function load(source: PictureSource): Promise<Result<ViewportPicture>> {
    const known = cache.get(source.key)
    if (known !== undefined) return Promise.resolve(accept(known))
    const waiting =
      underway.get(source.key) ?? fetchPicture(source).finally(() => underway.delete(source.key))
    underway.set(source.key, waiting)
    return waiting
  }

  const loadSlice = (detail: SeriesDetail, index: number): Promise<Result<ViewportPicture>> =>
    load(sliceSource(detail, index))

  const loadPhotograph = (imageId: string): Promise<Result<ViewportPicture>> =>
    load({
      ...ofSubject(imageSubject(imageId), 'pixels'),
      key: keyOfSubject(imageSubject(imageId)),
      query: '',
      pixelSpacingMm: null,
    })

  /** Fetches the neighbours of a slice, nearest first, while `isWanted` still says so. */
  async function loadNeighbours(detail: SeriesDetail, index: number, isWanted: () => boolean): Promise<void> {
    const queue = neighbours(index, detail.slices.length)
      .map((at) => sliceSource(detail, at))
      .filter((source) => !cache.has(source.key))
    const loadInTurn = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined && isWanted(); next = queue.shift()) await load(next)
    }
    await Promise.all(Array.from({ length: AHEAD_AT_ONCE }, loadInTurn))
  }

  return { details, detailOf, slicesCame, slicesOf, loadSlice, loadPhotograph, loadNeighbours }
})

const ofSubject = (subject: Subject, part: string): Pick<PictureSource, 'subject' | 'path'> => ({
  subject,
  path: `${pathOfSubject(subject)}/${part}`,
})

/** Where the pixels of a slice are asked for, for whoever keeps them elsewhere. */
export function slicePath(detail: SeriesDetail, index: number): string {
  const { path, query } = sliceSource(detail, index)
  return `${path}${query}`
}

/** Where the tags of a slice are asked for. */
export function sliceTagsPath(detail: SeriesDetail, index: number): string {
  const { path, query } = sliceSource(detail, index)
  return `${path}/tags${query}`
}

function sliceSource({ summary, slices }: SeriesDetail, index: number): PictureSource {
  const series = seriesSubject(summary.seriesUid)
  const { instance } = instanceAt(slices, index)
  const slice = instance === undefined ? `${index}` : instanceKey(instance)
  return {
    ...ofSubject(series, `slices/${index}`),
    key: `${keyOfSubject(series)}/${slice}`,
    query:
      instance === undefined
        ? ''
        : `?sopInstanceUid=${encodeURIComponent(instance.sopInstanceUid)}&frame=${instance.frame}`,
    pixelSpacingMm:
      summary.spacingMm === null ? null : { row: summary.spacingMm.row, column: summary.spacingMm.column },
  }
}

/** Indices around one, nearest first, inside the series: 5 → 6 4 7 3 … */
export function neighbours(index: number, count: number): readonly number[] {
  return Array.from({ length: NEIGHBOURS }, (_, step) => [index + step + 1, index - step - 1])
    .flat()
    .filter((at) => at >= 0 && at < count)
}
