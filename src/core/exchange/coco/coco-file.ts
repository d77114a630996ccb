/** The parts of a COCO file (object detection) that readings are made of, checked one by one. */
import { accept, refuse, type Result } from '../../../contract'

export interface CocoImage {
  readonly id: number
  readonly fileName: string
  readonly widthPx: number
  readonly heightPx: number
  /** Our own keys; empty and null elsewhere. */
  readonly sopInstanceUid: string
  readonly frame: number | null
}

export type CocoSegmentation =
  /** `unusable`: parts of fewer than three corners, or with something that is no number. */
  | { readonly kind: 'polygons'; readonly parts: readonly Float64Array[]; readonly unusable: number }
  | {
      readonly kind: 'runs'
      readonly counts: string | readonly number[]
      readonly size: readonly [number, number]
    }

export interface CocoAnnotation {
  readonly imageId: number
  readonly categoryId: number
  /** Null where there is only a box; refused where it is neither polygons nor run lengths. */
  readonly segmentation: Result<CocoSegmentation | null>
  /** Left, top, width, height. */
  readonly bbox: readonly number[] | null
  readonly reader: string
}

export interface CocoFile {
  readonly contributor: string
  readonly images: readonly CocoImage[]
  readonly categories: readonly { readonly id: number; readonly name: string }[]
  readonly annotations: readonly CocoAnnotation[]
  /** Annotations left out: they refer to an image or a category that the file does not have, or are no objects. */
  readonly lost: number
}

type Plain = Readonly<Record<string, unknown>>

const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const plainsIn = (value: unknown): readonly Plain[] => (Array.isArray(value) ? value.filter(isPlain) : [])
const numberOf = (value: unknown): number =>
  typeof value === 'number' ? value : typeof value === 'string' && value !== '' ? Number(value) : Number.NaN
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const numbersOf = (value: unknown): readonly number[] | null =>
  Array.isArray(value) && value.every((entry): entry is number => typeof entry === 'number') ? value : null

const damaged = (reason: string): Result<never> =>
  refuse('annotation-damaged', reason, { next: 'Export the COCO file again.' })

function imageOf(image: Plain): CocoImage {
  const frame = numberOf(image['frame'])
  return {
    id: numberOf(image['id']),
    fileName: textOf(image['file_name']),
    widthPx: numberOf(image['width']),
    heightPx: numberOf(image['height']),
    sopInstanceUid: textOf(image['sop_instance_uid']),
    frame: Number.isInteger(frame) ? frame : null,
  }
}

function segmentationOf(value: unknown): Result<CocoSegmentation | null> {
  if (value === undefined || value === null) return accept(null)
  if (Array.isArray(value)) {
    const parts = value.flatMap((part) => {
      const numbers = numbersOf(part)
      const isUsable = numbers !== null && numbers.length >= 6 && numbers.length % 2 === 0
      return isUsable ? [Float64Array.from(numbers)] : []
    })
    if (value.length === 0) return accept(null)
    if (parts.length === 0)
      return damaged('A polygon has fewer than three corners or something that is no number.')
    return accept({ kind: 'polygons', parts, unusable: value.length - parts.length })
  }
  if (!isPlain(value)) return damaged('A segmentation is neither polygons nor run lengths.')
  const [height, width] = numbersOf(value['size']) ?? []
  const counts = typeof value['counts'] === 'string' ? value['counts'] : numbersOf(value['counts'])
  if (height === undefined || width === undefined || counts === null) {
    return damaged('Run lengths lack their size or their counts.')
  }
  return accept({ kind: 'runs', counts, size: [height, width] })
}

function annotationOf(annotation: Plain): CocoAnnotation {
  const attributes = isPlain(annotation['attributes']) ? annotation['attributes'] : {}
  return {
    imageId: numberOf(annotation['image_id']),
    categoryId: numberOf(annotation['category_id']),
    segmentation: segmentationOf(annotation['segmentation']),
    bbox: numbersOf(annotation['bbox']),
    reader: textOf(attributes['reader']),
  }
}

const repeats = (ids: readonly number[]): boolean => new Set(ids).size < ids.length

/**
 * Reads a COCO file. Refused: what is no JSON object with images, annotations and categories, ids that are repeated,
 * annotations of which each leads nowhere. What is wrong with one annotation is said with it.
 */
export function parseCoco(bytes: Uint8Array): Result<CocoFile> {
  let parsed: unknown = null
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return damaged('The file is no JSON text.')
  }
  const keys = ['images', 'annotations', 'categories'] as const
  if (!isPlain(parsed) || keys.some((key) => !isPlain(parsed) || !Array.isArray(parsed[key]))) {
    return refuse(
      'annotation-unsupported',
      'The JSON file has no images, annotations and categories as COCO has.',
    )
  }
  const images = plainsIn(parsed['images']).map(imageOf)
  const categories = plainsIn(parsed['categories']).map((category) => ({
    id: numberOf(category['id']),
    name: textOf(category['name']),
  }))
  const written: readonly unknown[] = Array.isArray(parsed['annotations']) ? parsed['annotations'] : []
  const annotations = plainsIn(written).map(annotationOf)
  if (repeats(images.map(({ id }) => id)) || repeats(categories.map(({ id }) => id))) {
    return damaged('Two images or two categories have the same id.')
  }
  const known = {
    images: new Set(images.map(({ id }) => id)),
    categories: new Set(categories.map(({ id }) => id)),
  }
  const led = annotations.filter(
    ({ imageId, categoryId }) => known.images.has(imageId) && known.categories.has(categoryId),
  )
  const lost = annotations.find(
    ({ imageId, categoryId }) => !known.images.has(imageId) || !known.categories.has(categoryId),
  )
  if (lost !== undefined && led.length === 0) {
    return damaged(
      `An annotation refers to image ${lost.imageId}, category ${lost.categoryId}: not in the file.`,
    )
  }
  const info = isPlain(parsed['info']) ? parsed['info'] : {}
  const contributor = textOf(info['contributor'])
  return accept({ contributor, images, categories, annotations: led, lost: written.length - led.length })
}
