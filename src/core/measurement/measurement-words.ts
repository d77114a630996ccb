import type { MeasurementShape } from '../../contract'
import type { MeasurementFigures, ValueFigures } from './figures'
import { formatNumber, formatPlural, formatSizeWithUnit, NO_BREAK, TIMES } from '../words/numbers'

export const SHAPE_WORDS: { readonly [shape in MeasurementShape]: string } = {
  ruler: 'Ruler',
  diameters: 'Two diameters',
  angle: 'Angle',
  ellipse: 'Ellipse',
  rectangle: 'Rectangle',
  polygon: 'Polygon',
}

const inUnit = (value: number, unit: string): string =>
  `${formatNumber(value, 1)}${unit === '' ? '' : `${NO_BREAK}${unit}`}`

/** What a measurement says, the chief figure first, a line each. */
export function measurementLines(figures: MeasurementFigures): readonly string[] {
  const { unit, length, diameters, angleDegrees, area, values } = figures
  if (length !== null) return [formatSizeWithUnit(length, unit)]
  if (diameters !== null) {
    const { long, short, mean } = diameters
    return [
      `${formatNumber(long, 1)} ${TIMES} ${formatSizeWithUnit(short, unit)}`,
      `mean ${formatSizeWithUnit(mean, unit)}`,
    ]
  }
  if (angleDegrees !== null) return [`${formatNumber(angleDegrees, 1)}°`]
  if (area === null) return []
  return [formatSizeWithUnit(area, unit === 'mm' ? 'mm²' : 'px²'), ...valueLines(values)]
}

function valueLines(values: ValueFigures | null): readonly string[] {
  if (values === null) return []
  const { count, mean, deviation, least, most, unit, leftOut } = values
  return [
    `mean ${inUnit(mean, unit)}, SD ${formatNumber(deviation, 1)}`,
    `${formatNumber(least, 0)} to ${inUnit(most, unit).replace(/\.0(?=\D|$)/, '')}, ${formatPlural(count, 'pixel')}`,
    ...(leftOut === 0 ? [] : [`without ${formatPlural(leftOut, 'pixel')} of padding`]),
  ]
}
