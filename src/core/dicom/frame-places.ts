/** Position, orientation, spacing and rescale of each frame: from the root of the object or from functional groups (PS3.3 C.7.6.16). */
import type { Orientation, PatientPoint, PixelSpacing, Warning } from '../../contract'
import { orientationFrom } from '../geometry/orientation'
import { spacingFrom } from '../geometry/spacing'
import type { FramePlace } from './instance'
import type { Noted } from './noted'
import type { DataSet } from './read-elements'
import { rescaleOf } from './pixels/rescale'
import { frameStackKeys } from './stack-keys'
import { TAG } from './elements'
import { code, decimals, items } from './values'

const warn = (code: string, text: string): readonly Warning[] => [{ code, text }]
const millimetres = (values: readonly (number | null)[]): string =>
  values.map((value) => (value === null ? '?' : String(value))).join(' x ')

/** Spacings nearer than this part of one are the same. */
const SAME_SPACING = 1e-3
/** How pixel spacing of a projection comes to be that in the patient (PS3.3 10.7.1.3). */
const CALIBRATED: readonly string[] = ['GEOMETRY', 'FIDUCIAL']

const magnificationOf = (set: DataSet): number =>
  decimals(set, TAG.EstimatedRadiographicMagnificationFactor)[0] ?? 1

/**
 * A projection whose Pixel Spacing repeats the detector's is not calibrated, unless it says so: what it shows is larger
 * at the detector than in the patient (PS3.3 10.7.1.3).
 */
function isAtDetector(set: DataSet, { row, column }: PixelSpacing): boolean {
  if (CALIBRATED.includes(code(set, TAG.PixelSpacingCalibrationType))) return false
  const [down, across] = decimals(set, TAG.ImagerPixelSpacing)
  if (down == null || across == null) return false
  return Math.abs(row - down) <= SAME_SPACING * down && Math.abs(column - across) <= SAME_SPACING * across
}

/**
 * Distance between pixel centres in the patient, or null with the reason: absent, a lie (zero, negative, no number,
 * 1e-300), or known only at the detector or film, which is not where the patient is.
 */
export function spacingOf(set: DataSet): Noted<PixelSpacing | null> {
  const said = set.elements.has(TAG.PixelSpacing) ? code(set, TAG.PixelSpacing) : ''
  if (said !== '') {
    const spacing = spacingFrom(decimals(set, TAG.PixelSpacing))
    if (spacing !== null && isAtDetector(set, spacing)) {
      const factor = magnificationOf(set)
      const text = `Pixel Spacing is that at the detector (${millimetres([spacing.row, spacing.column])} mm) and not calibrated${factor === 1 ? '' : `; the patient is magnified about ${factor} times there`}: sizes in pixels only.`
      return { value: null, warnings: warn('spacing-at-detector', text) }
    }
    const text = 'Pixel Spacing cannot be right: sizes in pixels only.'
    return { value: spacing, warnings: spacing === null ? warn('spacing-unusable', text) : [] }
  }
  const detector = decimals(set, TAG.ImagerPixelSpacing)
  if (detector.length > 0) {
    const text = `Spacing is known only at the detector (${millimetres(detector)} mm): sizes in pixels only.`
    return { value: null, warnings: warn('spacing-at-detector', text) }
  }
  const film = decimals(set, TAG.NominalScannedPixelSpacing)
  if (film.length > 0) {
    const text = `Spacing is known only on the film (${millimetres(film)} mm): sizes in pixels only.`
    return { value: null, warnings: warn('spacing-on-film', text) }
  }
  return { value: null, warnings: warn('spacing-missing', 'No pixel spacing: sizes in pixels only.') }
}

/** Coordinates beyond this are none of a patient, whatever the origin: a tenth of a kilometre. */
const MOST_COORDINATE_MM = 1e5

function positionOf(set: DataSet): Noted<PatientPoint | null> {
  const coordinates = decimals(set, TAG.ImagePositionPatient)
  const [x, y, z] = coordinates
  const isMissing = coordinates.length === 0
  const isPoint =
    coordinates.length === 3 &&
    coordinates.every((value) => value !== null && Math.abs(value) <= MOST_COORDINATE_MM)
  if (isPoint && x != null && y != null && z != null) return { value: [x, y, z], warnings: [] }
  const text =
    'Image Position is no point in the patient: where its slice lies is unknown, no volume, and slices stand by their numbers.'
  return { value: null, warnings: isMissing ? [] : warn('position-unusable', text) }
}

function orientationOf(set: DataSet): Noted<Orientation | null> {
  const cosines = decimals(set, TAG.ImageOrientationPatient)
  const orientation = orientationFrom(cosines)
  const isWrong = orientation === null && cosines.length > 0
  return {
    value: orientation,
    warnings: isWrong
      ? warn(
          'orientation-unusable',
          'Image Orientation is no pair of directions at right angles: orientation unknown, no volume.',
        )
      : [],
  }
}

/** First item of a functional group macro: that of the frame, else the shared one, else the root itself. */
function macro(frame: DataSet | undefined, shared: DataSet | undefined, tag: number, root: DataSet): DataSet {
  const own = frame === undefined ? undefined : items(frame, tag)[0]
  return own ?? (shared === undefined ? undefined : items(shared, tag)[0]) ?? root
}

/**
 * One place a frame. Frames of a classic multi-frame object have no position of their own; neither have those of an
 * enhanced object whose groups do not match its frames: no place is guessed.
 */
export function framePlaces(
  root: DataSet,
  frameCount: number,
  modality: string,
): Noted<readonly FramePlace[]> {
  const perFrame = items(root, TAG.PerFrameFunctionalGroupsSequence)
  const shared = items(root, TAG.SharedFunctionalGroupsSequence)[0]
  const seen = new Map<string, Warning>()
  const note = <T>(noted: Noted<T>): T => {
    for (const warning of noted.warnings) seen.set(warning.code, warning)
    return noted.value
  }
  const hasGroups = perFrame.length > 0 || shared !== undefined
  const isPlaced = frameCount === 1 || (hasGroups && perFrame.length >= frameCount)
  if (!isPlaced) {
    seen.set('frames-without-place', {
      code: 'frames-without-place',
      text: `${frameCount} frames without positions: they are shown in the order of the file, no volume.`,
    })
  }
  const places: FramePlace[] = []
  for (let frame = 0; frame < frameCount; frame += 1) {
    const group = perFrame[frame]
    const at = (tag: number): DataSet => macro(group, shared, tag, root)
    places.push({
      positionMm: isPlaced ? note(positionOf(at(TAG.PlanePositionSequence))) : null,
      orientation: note(orientationOf(at(TAG.PlaneOrientationSequence))),
      spacingMm: note(spacingOf(at(TAG.PixelMeasuresSequence))),
      rescale: note(rescaleOf(at(TAG.PixelValueTransformationSequence), modality)),
      ...(group === undefined ? {} : { stackKeys: frameStackKeys(group) }),
    })
  }
  return { value: places, warnings: [...seen.values()] }
}
