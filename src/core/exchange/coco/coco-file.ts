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
  | { readonly kind: 'polygons'; readonly parts: readonly Float64Array[] }
  | {
      readonly kind: 'runs'
      readonly counts: string | readonly number[]
      readonly size: readonly [number, number]
    }

export interface CocoAnnotation {
  readonly imageId: number
  readonly categoryId: number
  /** Null where there is only a box. */
  readonly segmentation: CocoSegmentation | null
  /** Left, top, width, height. */
  readonly bbox: readonly number[] | null
  readonly reader: string
}

export interface CocoFile {
  readonly contributor: string
  readonly images: readonly CocoImage[]
  readonly categories: readonly { readonly id: number; readonly name: string }[]
  readonly annotations: readonly CocoAnnotation[]
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
    const parts: Float64Array[] = []
    for (const part of value) {
      const numbers = numbersOf(part)
      if (numbers === null || numbers.length < 6 || numbers.length % 2 !== 0) {
        return damaged('A polygon has fewer than three corners or something that is no number.')
      }
      parts.push(Float64Array.from(numbers))
    }
    return accept(parts.length === 0 ? null : { kind: 'polygons', parts })
  }
  if (!isPlain(value)) return damaged('A segmentation is neither polygons nor run lengths.')
  const [height, width] = numbersOf(value['size']) ?? []
  const counts = typeof value['counts'] === 'string' ? value['counts'] : numbersOf(value['counts'])
  if (height === undefined || width === undefined || counts === null) {
    return damaged('Run lengths lack their size or their counts.')
  }
  return accept({ kind: 'runs', counts, size: [height, width] })
}

function annotationOf(annotation: Plain): Result<CocoAnnotation> {
  const segmentation = segmentationOf(annotation['segmentation'])
  if (!segmentation.ok) return segmentation
  const attributes = isPlain(annotation['attributes']) ? annotation['attributes'] : {}
  return accept({
    imageId: numberOf(annotation['image_id']),
    categoryId: numberOf(annotation['category_id']),
    segmentation: segmentation.value,
    bbox: numbersOf(annotation['bbox']),
    reader: textOf(attributes['reader']),
  })
}

const repeats = (ids: readonly number[]): boolean => new Set(ids).size < ids.length

/**
 * Reads a COCO file. Refused: what is no JSON object with images, annotations and categories, ids that are repeated or
 * lead nowhere, segmentations that are neither polygons nor run lengths.
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
  const annotations: CocoAnnotation[] = []
  for (const plain of plainsIn(parsed['annotations'])) {
    const annotation = annotationOf(plain)
    if (!annotation.ok) return annotation
    annotations.push(annotation.value)
  }
  if (repeats(images.map(({ id }) => id)) || repeats(categories.map(({ id }) => id))) {
    return damaged('Two images or two categories have the same id.')
  }
  const known = {
    images: new Set(images.map(({ id }) => id)),
    categories: new Set(categories.map(({ id }) => id)),
  }
  const lost = annotations.find(
    ({ imageId, categoryId }) => !known.images.has(imageId) || !known.categories.has(categoryId),
  )
  if (lost !== undefined) {
    return damaged(
      `An annotation refers to image ${lost.imageId}, category ${lost.categoryId}: not in the file.`,
    )
  }
  const info = isPlain(parsed['info']) ? parsed['info'] : {}
  return accept({ contributor: textOf(info['contributor']), images, categories, annotations })
}
