import type { Agreement, SizeDistribution, Sizes, SliceReport } from '../../contract'

/**
 * The report on a run without uncertainty: sizes and Dice of its one outline stand alone. A range from a number to
 * itself would read as a spread of nothing, which is not what such a model knows.
 */
export function withoutSpread(report: SliceReport): SliceReport {
  const sizes = Object.entries(report.sizes).flatMap(([name, size]) =>
    size === undefined ? [] : [[name, sizeAlone(size)] as const],
  )
  const alone: Sizes = Object.fromEntries(sizes)
  const agreement = report.agreement === null ? null : agreementAlone(report.agreement)
  return { ...report, sizes: alone, agreement }
}

const sizeAlone = (size: SizeDistribution): SizeDistribution => ({
  ...size,
  low95: null,
  high95: null,
  interval: 'none',
})

const agreementAlone = (agreement: Agreement): Agreement => ({
  ...agreement,
  gedLow95: null,
  gedHigh95: null,
  readers: agreement.readers.map((reader) => ({
    ...reader,
    dice: { median: reader.dice.median, low95: null, high95: null },
  })),
})
