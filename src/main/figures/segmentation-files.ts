/** DICOM segmentations of a target's runs: the median sample and the outer border of both bands, an object each. */
import { drawWords } from '../../core/words/draw-words'
import { elementText } from '../../core/exchange/derived-object'
import { derivedUid } from '../../core/dicom/write/derived-uid'
import { type Segmentation, writeSegmentation } from '../../core/exchange/seg/segmentation'
import { depthBands } from '../../core/uncertainty/bands'
import { version } from '../version'
import type { CollectedRun } from './collect-run'
import type { ReportedTarget } from './infer-report'
import type { OutputFile, RunFiles } from './run-files'
import { uidInFiles } from '../../core/dicom/made-up-uid'
import { type FoundSource, findSourceSlices } from '../exchange/source-slices'

export interface SegmentationFiles {
  readonly files: readonly OutputFile[]
  readonly notes: readonly string[]
}

interface Surface {
  readonly name: string
  readonly label: string
  readonly description: string
  /** Of a run on its grid; null where all samples are empty. */
  readonly mask: (run: CollectedRun) => Uint8Array | null
}

const bandOuter =
  (place: 0 | 1) =>
  (run: CollectedRun): Uint8Array | null => {
    const masks = run.masks.map((mask) => mask.pixels)
    return depthBands(masks, run.report.depthOrder, run.report.emptyCount)[place]?.outer ?? null
  }

/** Separate objects, since viewers merge overlapping segments of one object unseen. */
const SURFACES: readonly Surface[] = [
  {
    name: 'median',
    label: 'Median sample',
    description: 'The deepest of the samples on each slice; slices are drawn independently.',
    mask: (run) =>
      run.report.emptyCount === run.report.sampleCount
        ? null
        : (run.masks[run.report.depthOrder[0] ?? -1]?.pixels ?? null),
  },
  {
    name: 'band-50-outer',
    label: '50 % band, outer border',
    description: 'Pixels that any of the deepest 50 % of the samples includes.',
    mask: bandOuter(0),
  },
  {
    name: 'band-90-outer',
    label: '90 % band, outer border',
    description: 'Pixels that any of the deepest 90 % of the samples includes.',
    mask: bandOuter(1),
  },
]

/** A model without uncertainty has its outline and nothing around it. */
const OUTLINE: readonly Surface[] = SURFACES.slice(0, 1).map((surface) => ({
  ...surface,
  name: 'outline',
  label: 'Outline of the model',
  description: 'The one outline that the model draws on each slice; it has no uncertainty.',
}))

const surfacesOf = ({ runs }: ReportedTarget): readonly Surface[] =>
  runs.some(({ run }) => run.uncertainty === 'none') ? OUTLINE : SURFACES

function describe(surface: Surface, run: CollectedRun['run']): string {
  const { model, modelVersion, samples, seed, draws, uncertainty } = run
  const from = `${model} ${modelVersion}`
  const spread = `${samples} samples of ${from}, ${drawWords(draws)}, seed ${seed}`
  const drawn = uncertainty === 'none' ? from : spread
  return `${surface.description} ${drawn}. Research use only.`
}

/** What a segmentation was drawn from, in words. */
const drawnWords = ({ samples, seed, draws, uncertainty }: CollectedRun['run']): string =>
  uncertainty === 'none' ? 'one outline' : `${samples} samples, ${drawWords(draws)}, seed ${seed}`

const SERIES_NUMBER = 9100
/** What an element of value representation LO holds; the segments say the whole of it. */
const MAX_LO_LETTERS = 64

/** A mask of the crop on the whole matrix of the source; what lies outside the image falls away. */
function onMatrix(mask: Uint8Array, { grid }: CollectedRun, rows: number, columns: number): Uint8Array {
  const pixels = new Uint8Array(rows * columns)
  mask.forEach((pixel, at) => {
    const column = grid.originColumn + (at % grid.widthPx)
    const row = grid.originRow + Math.floor(at / grid.widthPx)
    if (pixel === 1 && column >= 0 && row >= 0 && column < columns && row < rows)
      pixels[row * columns + column] = 1
  })
  return pixels
}

function framesOf(
  surface: Surface,
  runs: readonly CollectedRun[],
  sources: ReadonlyMap<number, FoundSource>,
  size: { readonly rows: number; readonly columns: number },
): Segmentation['frames'] {
  return runs.flatMap((run) => {
    const source = sources.get(run.report.sliceIndex ?? -1)
    const mask = surface.mask(run)
    if (source === undefined || mask === null) return []
    const pixels = onMatrix(mask, run, size.rows, size.columns)
    return pixels.includes(1) ? [{ slice: source.slice, pixels }] : []
  })
}

function segmentationOf(
  files: RunFiles,
  target: ReportedTarget,
  place: number,
  sources: ReadonlyMap<number, FoundSource>,
): Segmentation | null {
  const surface = surfacesOf(target)[place]
  const [first] = target.runs
  const [source] = sources.values()
  if (files.detail === null || surface === undefined || first === undefined || source === undefined)
    return null
  const { rows, columns, seriesUid } = files.detail.summary
  const { model, modelVersion, modelSha256, samples, seed, draws } = first.run
  const slices = target.runs.map(
    (run) => `${run.report.sopInstanceUid ?? ''}@${run.grid.originColumn},${run.grid.originRow}`,
  )
  const drawn = [modelSha256, samples, seed, draws]
  const origin = ['seg', seriesUid, target.id, ...drawn, version, ...slices].join(' ')
  return {
    sopInstanceUid: derivedUid(`${origin} ${surface.name}`),
    seriesUid: derivedUid(origin),
    dimensionUid: derivedUid(`${origin} ${surface.name} dimensions`),
    trackingUid: derivedUid(`${origin} ${surface.name} tracking`),
    seriesNumber: SERIES_NUMBER,
    instanceNumber: place + 1,
    seriesDescription: elementText(`Margin ${target.label}: ${drawnWords(first.run)}`, MAX_LO_LETTERS),
    sourceSeriesUid: uidInFiles(seriesUid) ?? '',
    rows,
    columns,
    shared: source.shared,
    label: surface.label,
    description: describe(surface, first.run),
    trackingId: `${target.id} ${surface.name}`,
    algorithmName: `${model} ${modelVersion}`,
    softwareVersion: version,
    frames: framesOf(surface, target.runs, sources, { rows, columns }),
  }
}

/** The objects of a lesion; none for a photograph. What could not be written is said in `notes`. */
export async function segmentationFiles(files: RunFiles, target: ReportedTarget): Promise<SegmentationFiles> {
  if (files.detail === null) return { files: [], notes: [] }
  const slices = new Set(target.runs.flatMap(({ report }) => report.sliceIndex ?? []))
  if (uidInFiles(files.detail.summary.seriesUid) === null)
    return {
      files: [],
      notes: [`${target.label}: the files have no series UID that a segmentation could name.`],
    }
  const sources = await findSourceSlices(files.library, files.detail.summary.seriesUid, slices)
  if (!sources.ok) return { files: [], notes: [`${target.label}: ${sources.refusal.reason}`] }
  const made: OutputFile[] = []
  const notes: string[] = []
  for (const [place, surface] of surfacesOf(target).entries()) {
    const segmentation = segmentationOf(files, target, place, sources.value)
    if (segmentation === null) continue
    const bytes = writeSegmentation(segmentation)
    if (bytes.ok) made.push({ path: `seg/${target.id}-${surface.name}.dcm`, bytes: bytes.value })
    else notes.push(`${target.label}, ${surface.label.toLowerCase()}: ${bytes.refusal.reason}`)
  }
  return { files: made, notes }
}
