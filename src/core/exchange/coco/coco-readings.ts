/**
 * COCO annotations as readings, and readings as COCO. Coordinates of COCO polygons count from the corner of the first
 * pixel, so its centre is (0.5, 0.5); ours count from the centre.
 *
 * The parts of one annotation are united, also where they lie in each other (as `mask.merge` of the COCO API does;
 * COCO says holes by run lengths). Annotations of one category on one image by one reader are united. One that cannot
 * be used is left out with a warning.
 */
import { accept, type Refusal, refuse, type Result, type Warning } from '../../../contract'
import { cropToBox, type PlacedMask } from '../../contour/box-mask'
import { uidInFiles } from '../../dicom/made-up-uid'
import { countPixels } from '../../image/mask'
import {
  type CocoAnnotation,
  type CocoFile,
  type CocoImage,
  type CocoSegmentation,
  parseCoco,
} from './coco-file'
import { countsOfMask, countsOfText, maskOfCounts, textOfCounts } from './coco-rle'
import { readBackEqual } from '../read-back'
import type { Counts, ExchangeReading, ExchangeSlice, ExchangeStructure } from '../exchange-reading'
import { type PlacedReadings, withoutUnmarked } from '../placed-readings'
import { wholeMask } from '../exchange-reading'
import { fillOutline } from '../fill-outlines'
import { type ImageTarget, requireSize, sliceByReference, wordsOfTarget } from '../image-target'
import {
  countedWarnings,
  nameKey,
  nameOfSlice,
  type NamedSlice,
  sliceOfName,
} from '../pictures/picture-names'
import { keyholeOutlines } from '../pixel-outlines'

/** Boxes are often rounded or taken from corners of the polygon. */
const BOX_TOLERANCE_PX = 1.5

/** Which slice an image of the file is; null for one of another series or photograph. */
function sliceOf(image: CocoImage, target: ImageTarget): NamedSlice | null {
  if (target.kind === 'image')
    return nameKey(image.fileName) === nameKey(target.name) ? { index: 0, isCounted: false } : null
  if (image.sopInstanceUid === '') return sliceOfName(target, image.fileName)
  const index = sliceByReference(target)(image.sopInstanceUid, image.frame)
  return index === null ? null : { index, isCounted: false }
}

interface Marked {
  readonly pixels: Uint8Array
  /** Parts that lie wholly in others: united with them, though a hole may have been meant. */
  readonly inside: number
  /** Parts that could not be filled. */
  readonly unusable: number
}

/** The parts from the largest down, united. */
function maskOfPolygons(parts: readonly Float64Array[], target: ImageTarget): Result<Marked> {
  const { widthPx, heightPx } = target
  const filled = parts.map((part) =>
    fillOutline(
      part.map((value) => value - 0.5),
      target,
    ),
  )
  const usable = filled.flatMap((one) => (one.ok ? [one.value] : []))
  const [refused] = filled.flatMap((one) => (one.ok ? [] : [one]))
  if (usable.length === 0 && refused !== undefined) return refused
  const pixels = new Uint8Array(widthPx * heightPx)
  let inside = 0
  for (const placed of [...usable].sort((a, b) => countPixels(b.mask) - countPixels(a.mask))) {
    const own = wholeMask({ mask: placed }, widthPx, heightPx)
    let fresh = 0
    own.forEach((pixel, at) => {
      if (pixel === 1 && pixels[at] === 0) fresh += 1
      if (pixel === 1) pixels[at] = 1
    })
    if (fresh === 0 && countPixels(placed.mask) > 0) inside += 1
  }
  return accept({ pixels, inside, unusable: parts.length - usable.length })
}

function maskOf(segmentation: CocoSegmentation, target: ImageTarget): Result<Marked> {
  if (segmentation.kind === 'polygons') {
    const united = maskOfPolygons(segmentation.parts, target)
    if (!united.ok) return united
    return accept({ ...united.value, unusable: united.value.unusable + segmentation.unusable })
  }
  const { widthPx, heightPx } = target
  const [height, width] = segmentation.size
  const size = requireSize(target, width, height, 'A mask in run lengths')
  if (!size.ok) return size
  const { counts } = segmentation
  const lengths = typeof counts === 'string' ? countsOfText(counts, widthPx * heightPx) : accept(counts)
  if (!lengths.ok) return lengths
  const pixels = maskOfCounts(lengths.value, widthPx, heightPx)
  return pixels.ok ? accept({ pixels: pixels.value, inside: 0, unusable: 0 }) : pixels
}

/** Null where there is only a box. */
function maskOfAny(found: CocoAnnotation['segmentation'], target: ImageTarget): Result<Marked> | null {
  if (!found.ok) return found
  return found.value === null ? null : maskOf(found.value, target)
}

function boxDiffers(bbox: readonly number[] | null, box: PlacedMask): boolean {
  const [left, top, width, height] = bbox ?? []
  if (left === undefined || top === undefined || width === undefined || height === undefined) return false
  const { originColumn, originRow, mask } = box
  return [
    left - originColumn,
    top - originRow,
    left + width - originColumn - mask.widthPx,
    top + height - originRow - mask.heightPx,
  ].some((off) => Math.abs(off) > BOX_TOLERANCE_PX)
}

interface Noticed {
  /** On slices that were found by a number in a name. */
  counted: number
  /** Outlines in which no pixel's centre lies. */
  empty: number
  /** Names of the categories of polygons, by reader. Run lengths of no pixel say so. */
  readonly outlined: Map<string, string[]>
  boxesOnly: number
  boxesDiffer: number
  united: number
  inside: number
  elsewhere: number
  /** Parts of polygons, and whole annotations, that could not be used. */
  parts: number
  readonly unusable: Refusal[]
}

/** Masks by reader, category and slice. */
type Drawn = Map<string, Map<number, Map<number, Uint8Array>>>

function add(
  drawn: Drawn,
  annotation: CocoAnnotation,
  reader: string,
  slice: number,
  pixels: Uint8Array,
): boolean {
  const own = drawn.get(reader) ?? new Map<number, Map<number, Uint8Array>>()
  const slices = own.get(annotation.categoryId) ?? new Map<number, Uint8Array>()
  drawn.set(reader, own)
  own.set(annotation.categoryId, slices)
  const before = slices.get(slice)
  if (before === undefined) slices.set(slice, pixels)
  else
    pixels.forEach((pixel, at) => {
      if (pixel === 1) before[at] = 1
    })
  return before !== undefined
}

function collect(file: CocoFile, target: ImageTarget, noticed: Noticed): Drawn {
  const slices = new Map(file.images.map((image) => [image.id, sliceOf(image, target)]))
  const images = new Map(file.images.map((image) => [image.id, image]))
  const drawn: Drawn = new Map()
  for (const annotation of file.annotations) {
    const named = slices.get(annotation.imageId) ?? null
    const image = images.get(annotation.imageId)
    if (named === null || image === undefined) {
      noticed.elsewhere += 1
      continue
    }
    const size = requireSize(target, image.widthPx, image.heightPx, `Image "${image.fileName}"`)
    if (!size.ok) {
      noticed.unusable.push(size.refusal)
      continue
    }
    const mask = maskOfAny(annotation.segmentation, target)
    if (mask === null) {
      noticed.boxesOnly += 1
      continue
    }
    if (!mask.ok) {
      noticed.unusable.push(mask.refusal)
      continue
    }
    const { pixels } = mask.value
    noticed.parts += mask.value.unusable
    noticed.inside += mask.value.inside
    const { widthPx, heightPx } = target
    const box = cropToBox({ originColumn: 0, originRow: 0, mask: { widthPx, heightPx, pixels } })
    if (boxDiffers(annotation.bbox, box)) noticed.boxesDiffer += 1
    if (named.isCounted) noticed.counted += 1
    if (box.mask.pixels.length === 0) noticed.empty += 1
    const reader = annotation.reader || file.contributor
    if (add(drawn, annotation, reader, named.index, pixels)) noticed.united += 1
    if (annotation.segmentation.ok && annotation.segmentation.value?.kind === 'polygons') {
      const category = file.categories.find(({ id }) => id === annotation.categoryId)?.name ?? ''
      noticed.outlined.set(reader, [...new Set([...(noticed.outlined.get(reader) ?? []), category])])
    }
  }
  return drawn
}

function warningsOf(noticed: Noticed, lost: number): readonly Warning[] {
  const told: readonly (readonly [number, string, string])[] = [
    [noticed.elsewhere, 'images-elsewhere', 'annotations belong to other images and were left out.'],
    [noticed.boxesOnly, 'boxes-left-out', 'annotations have a box but no outline and were left out.'],
    [noticed.boxesDiffer, 'boxes-differ', 'annotations have a box that does not fit their outline.'],
    [
      noticed.united,
      'annotations-united',
      'annotations were united with others of their category on the same image.',
    ],
    [
      noticed.inside,
      'parts-inside',
      'parts lie inside others and were united with them, as COCO does; a hole would be said by run lengths.',
    ],
    [
      noticed.parts,
      'parts-left-out',
      'parts of polygons have fewer than three corners or something that is no number and were left out.',
    ],
    [
      noticed.unusable.length,
      'annotations-left-out',
      `annotations could not be used and were left out: ${noticed.unusable[0]?.reason ?? ''}`,
    ],
    [
      noticed.empty,
      'outlines-empty',
      'annotations enclose no pixel of the image (its centre lies in none) and show nothing.',
    ],
    [
      lost,
      'annotations-lost',
      'annotations refer to an image or a category that the file does not have and were left out.',
    ],
  ]
  return [
    ...told.filter(([count]) => count > 0).map(([count, code, text]) => ({ code, text: `${count} ${text}` })),
    ...countedWarnings(
      noticed.counted,
      noticed.counted === 1 ? 'annotation lies on a slice' : 'annotations lie on slices',
    ),
  ]
}

function structuresOf(
  file: CocoFile,
  own: ReadonlyMap<number, ReadonlyMap<number, Uint8Array>>,
  { widthPx, heightPx }: ImageTarget,
): readonly ExchangeStructure[] {
  return file.categories.map(({ id, name }) => {
    const slices = [...(own.get(id) ?? [])].sort(([a], [b]) => a - b)
    return {
      ordinal: id,
      label: name,
      category: null,
      type: null,
      colour: null,
      facts: {},
      slices: slices.flatMap(([sliceIndex, pixels]): ExchangeSlice[] => {
        const mask = cropToBox({ originColumn: 0, originRow: 0, mask: { widthPx, heightPx, pixels } })
        return mask.mask.pixels.length === 0 ? [] : [{ sliceIndex, mask, fraction: null }]
      }),
    }
  })
}

/**
 * A COCO file as readings on a series or photograph, one for each reader that annotations name (`attributes.reader`,
 * else `info.contributor`), with a structure for each category. Images belong to the target by our own keys, by the
 * SOP Instance UID or `slice-N` in their name, or by the photograph's name. Refused: what `parseCoco` refuses, images
 * of another size alone, files of which no image belongs to the target, no annotation can be used or no polygon
 * encloses a pixel.
 */
export function readCocoReadings(bytes: Uint8Array, target: ImageTarget): Result<PlacedReadings> {
  const parsed = parseCoco(bytes)
  if (!parsed.ok) return parsed
  const file = parsed.value
  if (!file.images.some((image) => sliceOf(image, target) !== null)) {
    return refuse('annotation-mismatch', `No image of the COCO file is ${wordsOfTarget(target)}.`, {
      next: 'Name images by SOP Instance UID, by slice-N, or as the photograph.',
    })
  }
  const noticed: Noticed = {
    counted: 0,
    empty: 0,
    outlined: new Map(),
    boxesOnly: 0,
    boxesDiffer: 0,
    united: 0,
    inside: 0,
    elsewhere: 0,
    parts: 0,
    unusable: [],
  }
  const drawn = collect(file, target, noticed)
  const [unusable] = noticed.unusable
  if (drawn.size === 0 && unusable !== undefined) return { ok: false, refusal: unusable }
  if (drawn.size === 0 && noticed.boxesOnly + file.lost > 0) {
    const reason = 'No annotation of the COCO file has an outline and a category of the file.'
    return refuse('annotation-unsupported', reason, { next: 'Export it with segmentations.' })
  }
  if (drawn.size === 0) drawn.set(file.contributor, new Map())
  const readings = [...drawn].map(([reader, own]) => ({
    reader,
    facts: {},
    structures: structuresOf(file, own, target),
  }))
  return withoutUnmarked({ readings, warnings: warningsOf(noticed, file.lost) }, noticed.outlined)
}

export type CocoForm = 'rle' | 'polygons'

function annotationsOf(
  structure: ExchangeStructure,
  categoryId: number,
  reader: string,
  { widthPx, heightPx }: ImageTarget,
  form: CocoForm,
): readonly Readonly<Record<string, unknown>>[] {
  return structure.slices.map((slice) => {
    const box = cropToBox(slice.mask)
    const runs = countsOfMask(wholeMask(slice, widthPx, heightPx), widthPx, heightPx)
    const segmentation =
      form === 'rle'
        ? { size: [heightPx, widthPx], counts: textOfCounts(runs) }
        : keyholeOutlines(box).map((outline) => Array.from(outline, (value) => value + 0.5))
    return {
      image_id: slice.sliceIndex + 1,
      category_id: categoryId,
      iscrowd: 0,
      area: countPixels(box.mask),
      bbox: [box.originColumn, box.originRow, box.mask.widthPx, box.mask.heightPx],
      segmentation,
      attributes: { reader },
    }
  })
}

function imagesOf(target: ImageTarget): readonly Readonly<Record<string, unknown>>[] {
  const size = { width: target.widthPx, height: target.heightPx }
  if (target.kind === 'image') return [{ id: 1, file_name: target.name, ...size }]
  return target.slices.map(({ sopInstanceUid, frame }, index) => ({
    id: index + 1,
    file_name: `${nameOfSlice(target, index)}.dcm`,
    ...size,
    sop_instance_uid: uidInFiles(sopInstanceUid) ?? '',
    frame,
    series_uid: target.seriesUid,
  }))
}

/** Bytes of a COCO file read back and compared with the reading that it was written from. */
export function verifyCoco(bytes: Uint8Array, reading: ExchangeReading, target: ImageTarget): Result<Counts> {
  const read = readCocoReadings(bytes, target)
  return read.ok ? readBackEqual([reading], read.value.readings) : read
}

/**
 * A reading as a COCO file: a category for each structure, an annotation for each outlined slice, as compressed run
 * lengths or as polygons along the sides of pixels (holes as keyholes, since COCO unites the parts of a polygon).
 * Verified before it is returned.
 */
export function writeCoco(reading: ExchangeReading, target: ImageTarget, form: CocoForm): Result<Uint8Array> {
  const annotations = reading.structures.flatMap((structure, at) =>
    annotationsOf(structure, at + 1, reading.reader, target, form),
  )
  const file = {
    info: { description: 'Reading handed out by Margin', version: '1', contributor: reading.reader },
    images: imagesOf(target),
    categories: reading.structures.map(({ label }, at) => ({ id: at + 1, name: label, supercategory: '' })),
    annotations: annotations.map((annotation, at) => ({ id: at + 1, ...annotation })),
  }
  const bytes = new TextEncoder().encode(JSON.stringify(file))
  const verified = verifyCoco(bytes, reading, target)
  return verified.ok ? accept(bytes) : verified
}
