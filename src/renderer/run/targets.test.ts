import { describe, expect, it } from 'vitest'
import type { Structure } from '../../contract'
import { structureAt, targetOfStructure } from './targets'

const nodule: Structure = {
  structureId: 'n1',
  label: 'Nodule 1',
  firstSlice: 40,
  lastSlice: 44,
  centre: { column: 317, row: 366, sliceIndex: 42 },
  readings: [
    {
      readingId: 'a',
      letter: 'A',
      label: 'Reader A',
      voxels: 4,
      empty: false,
      slices: [
        {
          sliceIndex: 42,
          mask: { originColumn: 300, originRow: 350, widthPx: 20, heightPx: 10, bits: '' },
        },
      ],
    },
  ],
}

describe('a click', () => {
  it('on or just beside the outlines of this slice means the structure', () => {
    expect(structureAt([nodule], 42, { column: 310, row: 355 })).toBe(nodule)
    expect(structureAt([nodule], 42, { column: 296, row: 350 })).toBe(nodule)
  })

  it('elsewhere, or on a slice without its outlines, does not', () => {
    expect(structureAt([nodule], 42, { column: 250, row: 355 })).toBe(null)
    expect(structureAt([nodule], 43, { column: 310, row: 355 })).toBe(null)
  })

  it('centres the run where the readings are, so that the same run is used again', () => {
    expect(targetOfStructure(nodule).centre).toEqual({ column: 317, row: 366 })
  })
})
