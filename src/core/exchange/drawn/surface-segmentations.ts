/** The median sample and the outer border of both bands, a DICOM Segmentation each: viewers merge overlapping segments of one object unseen. */
import { accept, type Result } from '../../../contract'
import { derivedUid } from '../../dicom/write/derived-uid'
import { countPixels } from '../../image/mask'
import { elementText, type ExportSource, type ExportStamp, sharedFor } from '../derived-object'
import { wholeMask } from '../exchange-reading'
import { type Segmentation, writeSegmentation } from '../seg/segmentation'
import { type DrawnLesion, drawnFrom, placed, type Surface, surfacesOf, withRun } from './drawn-lesion'

/** What an element of value representation LO holds; the segments say the whole of it. */
const MAX_LO_LETTERS = 64

/** Identifiers of one surface's object: other objects refer to it by them. */
export const surfaceUids = (
  { key }: ExportStamp,
  { name }: Surface,
): Pick<Segmentation, 'sopInstanceUid' | 'seriesUid' | 'dimensionUid' | 'trackingUid'> => ({
  sopInstanceUid: derivedUid(`seg ${key} ${name}`),
  seriesUid: derivedUid(`seg ${key}`),
  dimensionUid: derivedUid(`seg ${key} ${name} dimensions`),
  trackingUid: derivedUid(`seg ${key} ${name} tracking`),
})

export interface SurfaceFile {
  readonly surface: Surface
  readonly bytes: Result<Uint8Array>
}

/** An object for each surface; one that marks nothing is refused. */
export const surfaceSegmentations = (
  lesion: DrawnLesion,
  source: ExportSource,
  stamp: ExportStamp,
): readonly SurfaceFile[] =>
  surfacesOf(lesion).map((surface, place) => ({
    surface,
    bytes: written(lesion, surface, place, source, stamp),
  }))

function written(
  lesion: DrawnLesion,
  surface: Surface,
  place: number,
  source: ExportSource,
  stamp: ExportStamp,
): Result<Uint8Array> {
  const { run, id, label } = lesion
  const { widthPx, heightPx, seriesUid } = source.target
  const shared = sharedFor(source.shared, [label, id])
  if (!shared.ok) return shared
  const frames = lesion.slices.flatMap((drawn) => {
    const pixels = surface.maskOn(drawn)
    const slice = source.slices.get(drawn.sliceIndex)
    if (pixels === null || slice === undefined) return []
    const whole = wholeMask({ mask: placed(drawn, pixels) }, widthPx, heightPx)
    return countPixels({ widthPx, heightPx, pixels: whole }) === 0 ? [] : [{ slice, pixels: whole }]
  })
  const bytes = writeSegmentation({
    ...surfaceUids(stamp, surface),
    seriesNumber: stamp.seriesNumber,
    instanceNumber: place + 1,
    seriesDescription: elementText(`Margin ${label}: ${drawnFrom(run)}`, MAX_LO_LETTERS),
    sourceSeriesUid: seriesUid,
    rows: heightPx,
    columns: widthPx,
    shared: shared.value,
    label: surface.label,
    description: withRun(surface.description, lesion),
    trackingId: elementText(`${id} ${surface.name}`, MAX_LO_LETTERS),
    algorithmName: elementText(`${run.model} ${run.modelVersion}`, MAX_LO_LETTERS),
    softwareVersion: stamp.softwareVersion,
    frames,
  })
  return bytes.ok ? accept(bytes.value) : bytes
}
