/** The lookup tables that a data set brings: palettes and the modality LUT. */
import { refuse } from '../../../contract'
import type { Result } from '../../../contract'
import { expandSegments, lutDescriptor, lutEntries } from '../../image/lookup-table'
import type { LookupTable } from '../../image/lookup-table'
import type { Palette } from '../../image/palette'
import type { DataSet } from '../read-elements'
import { TAG } from '../elements'
import { code, items, valueBytes, words } from '../values'

interface TableTags {
  readonly descriptor: number
  readonly entries: number
  readonly segments: number | null
}

/** A table out of a data set or an item; null when it is cut or makes no sense. */
export function readTable(set: DataSet, tags: TableTags, signed: boolean): LookupTable | null {
  const descriptor = lutDescriptor(words(set, tags.descriptor), signed)
  if (descriptor === null) return null
  const bytes = valueBytes(set, tags.entries)
  const { first, bits } = descriptor
  if (bytes !== null) {
    const entries = lutEntries(bytes, descriptor, set.littleEndian)
    return entries === null ? null : { first, bits, entries }
  }
  const entries = tags.segments === null ? null : expandSegments(words(set, tags.segments), descriptor.count)
  return entries === null ? null : { first, bits, entries }
}

/** A modality or VOI table in an item of its sequence. */
export const LUT_ITEM: TableTags = { descriptor: TAG.LUTDescriptor, entries: TAG.LUTData, segments: null }

/** The three palettes, or the reason why the indices have no colours. */
export function paletteOf(set: DataSet, signed: boolean): Result<Palette> {
  const red = readTable(
    set,
    {
      descriptor: TAG.RedPaletteColorLookupTableDescriptor,
      entries: TAG.RedPaletteColorLookupTableData,
      segments: TAG.SegmentedRedPaletteColorLookupTableData,
    },
    signed,
  )
  const green = readTable(
    set,
    {
      descriptor: TAG.GreenPaletteColorLookupTableDescriptor,
      entries: TAG.GreenPaletteColorLookupTableData,
      segments: TAG.SegmentedGreenPaletteColorLookupTableData,
    },
    signed,
  )
  const blue = readTable(
    set,
    {
      descriptor: TAG.BluePaletteColorLookupTableDescriptor,
      entries: TAG.BluePaletteColorLookupTableData,
      segments: TAG.SegmentedBluePaletteColorLookupTableData,
    },
    signed,
  )
  if (red === null || green === null || blue === null) {
    return refuse('pixels-damaged', 'PALETTE COLOR, but a palette is missing or shorter than it declares.', {
      where: '(0028,1201)',
    })
  }
  return { ok: true, value: { red, green, blue } }
}

export interface ModalityLut {
  readonly table: LookupTable
  readonly unit: string
}

/** The modality LUT: null where there is none, a refusal where it is cut or makes no sense. */
export function modalityLutOf(set: DataSet, signed: boolean): Result<ModalityLut | null> {
  const item = items(set, TAG.ModalityLUTSequence)[0]
  if (item === undefined) return { ok: true, value: null }
  const table = readTable(item, LUT_ITEM, signed)
  if (table === null) {
    return refuse('pixels-damaged', 'The modality lookup table is shorter than it declares.', {
      where: '(0028,3000)',
    })
  }
  const type = code(item, TAG.ModalityLUTType)
  return { ok: true, value: { table, unit: type === 'US' ? '' : type } }
}
