/** Measurements as groups of a measurement report: each figure with the line on the image that it was taken from. */
import type { Measurement } from '../../../contract'
import { derivedUid } from '../../dicom/write/derived-uid'
import type { DataSet } from '../../dicom/write/write-dicom'
import type { MeasurementFigures, ValueFigures } from '../../measurement/figures'
import { coded, elementText, referenceTo, type SourceSlice } from '../derived-object'
import { codeItem, container, numberItem, textItem, uidItem } from '../drawn/content-tree'
import { marginCode, UCUM_NO_UNITS, UCUM_UNITS } from '../drawn/codes'
import type { Code } from '../exchange-reading'

/** A measurement as it goes out. */
export interface MeasuredOut {
  readonly measurement: Measurement
  readonly figures: MeasurementFigures
  /** The slice that it lies on. */
  readonly slice: SourceSlice
}

export const dcm = (value: string, meaning: string): Code => ({ value, scheme: 'DCM', meaning })
const sct = (value: string, meaning: string): Code => ({ value, scheme: 'SCT', meaning })
const ucum = (value: string, meaning: string): Code => ({ value, scheme: 'UCUM', meaning })

const LENGTH = sct('410668003', 'Length')
const LONG_AXIS = sct('103339001', 'Long Axis')
const SHORT_AXIS = sct('103340004', 'Short Axis')
const DIAMETER = sct('81827009', 'Diameter')
const ANGLE = sct('1483009', 'Angle')
const AREA = sct('42798000', 'Area')
const MEAN = sct('373098007', 'Mean')
const DEVIATION = sct('386136009', 'Standard Deviation')
const MINIMUM = sct('255605001', 'Minimum')
const MAXIMUM = sct('56851009', 'Maximum')
const DERIVATION = dcm('121401', 'Derivation')
const ATTENUATION = dcm('112031', 'Attenuation Coefficient')
const PIXEL_VALUE = marginCode('pixel-value', 'Value of the pixels')

const lengthUnit = ({ unit }: MeasurementFigures): Code =>
  unit === 'mm' ? UCUM_UNITS.mm : ucum('{pixels}', 'pixels')
const areaUnit = ({ unit }: MeasurementFigures): Code =>
  unit === 'mm' ? UCUM_UNITS['mm²'] : ucum('{pixels}2', 'square pixels')
const valueUnit = ({ unit }: ValueFigures): Code => (unit === 'HU' ? UCUM_UNITS.HU : UCUM_NO_UNITS)

/** A place in an image counts from the corner of the first pixel (PS3.3 C.18.6.1.2), ours from its centre. */
const HALF_PX = 0.5

type Points = Measurement['points']

function coordinates(
  relationship: 'CONTAINS' | 'INFERRED FROM',
  { points, type }: { readonly points: Points; readonly type: 'POLYLINE' | 'ELLIPSE' },
  slice: SourceSlice,
): DataSet {
  return {
    RelationshipType: relationship,
    ValueType: 'SCOORD',
    ConceptNameCodeSequence: coded(dcm('111030', 'Image Region')),
    GraphicData: points.flatMap(({ column, row }) => [column + HALF_PX, row + HALF_PX]),
    GraphicType: type,
    ContentSequence: [
      {
        RelationshipType: 'SELECTED FROM',
        ValueType: 'IMAGE',
        ReferencedSOPSequence: [referenceTo(slice)],
      },
    ],
  }
}

/** The outline of an area: closed, or of an ellipse the ends of its longer axis, then of its shorter one. */
function outlineOf({ shape, points }: Measurement): {
  readonly points: Points
  readonly type: 'POLYLINE' | 'ELLIPSE'
} {
  const [first] = points
  if (shape === 'polygon')
    return { points: first === undefined ? points : [...points, first], type: 'POLYLINE' }
  const columns = points.map(({ column }) => column)
  const rows = points.map(({ row }) => row)
  const [left, right, top, bottom] = [
    Math.min(...columns),
    Math.max(...columns),
    Math.min(...rows),
    Math.max(...rows),
  ]
  if (shape === 'rectangle') {
    const corner = { column: left, row: top }
    return {
      points: [
        corner,
        { column: right, row: top },
        { column: right, row: bottom },
        { column: left, row: bottom },
        corner,
      ],
      type: 'POLYLINE',
    }
  }
  const middle = { column: (left + right) / 2, row: (top + bottom) / 2 }
  const across = [
    { column: left, row: middle.row },
    { column: right, row: middle.row },
  ]
  const down = [
    { column: middle.column, row: top },
    { column: middle.column, row: bottom },
  ]
  const isWide = right - left >= bottom - top
  return { points: isWide ? [...across, ...down] : [...down, ...across], type: 'ELLIPSE' }
}

const derived = (how: Code): DataSet => codeItem('HAS CONCEPT MOD', DERIVATION, how)

function valueItems(values: ValueFigures | null): readonly DataSet[] {
  if (values === null) return []
  const unit = valueUnit(values)
  const concept = values.unit === 'HU' ? ATTENUATION : PIXEL_VALUE
  const figures: readonly (readonly [number, Code])[] = [
    [values.mean, MEAN],
    [values.deviation, DEVIATION],
    [values.least, MINIMUM],
    [values.most, MAXIMUM],
  ]
  return figures.map(([value, how]) => numberItem('CONTAINS', concept, { value, unit }, [derived(how)]))
}

function figureItems({ measurement, figures, slice }: MeasuredOut): readonly DataSet[] {
  const { length, diameters, angleDegrees, area, values } = figures
  const { points } = measurement
  const line = (...ends: Points): DataSet =>
    coordinates('INFERRED FROM', { points: ends, type: 'POLYLINE' }, slice)
  const unit = lengthUnit(figures)
  if (length !== null) return [numberItem('CONTAINS', LENGTH, { value: length, unit }, [line(...points)])]
  if (diameters !== null) {
    const [a, b] = [points.slice(0, 2), points.slice(2)]
    const { isFirstLong } = diameters
    return [
      numberItem('CONTAINS', LONG_AXIS, { value: diameters.long, unit }, [line(...(isFirstLong ? a : b))]),
      numberItem('CONTAINS', SHORT_AXIS, { value: diameters.short, unit }, [line(...(isFirstLong ? b : a))]),
      numberItem('CONTAINS', DIAMETER, { value: diameters.mean, unit }, [derived(MEAN)]),
    ]
  }
  if (angleDegrees !== null)
    return [
      numberItem('CONTAINS', ANGLE, { value: angleDegrees, unit: ucum('deg', 'degree') }, [line(...points)]),
    ]
  return [
    coordinates('CONTAINS', outlineOf(measurement), slice),
    ...(area === null ? [] : [numberItem('CONTAINS', AREA, { value: area, unit: areaUnit(figures) })]),
    ...valueItems(values),
  ]
}

/** One measurement: TID 1410 where it encloses a region of the image, else TID 1501. */
export function groupOf(measured: MeasuredOut): DataSet {
  const { measurement } = measured
  const isRegion = measured.figures.area !== null
  return container(
    dcm('125007', 'Measurement Group'),
    [
      textItem('HAS OBS CONTEXT', dcm('112039', 'Tracking Identifier'), elementText(measurement.name, 80)),
      uidItem(
        'HAS OBS CONTEXT',
        dcm('112040', 'Tracking Unique Identifier'),
        derivedUid(`measurement ${measurement.measurementId}`),
      ),
      ...figureItems(measured),
    ],
    isRegion ? '1410' : '1501',
  )
}
