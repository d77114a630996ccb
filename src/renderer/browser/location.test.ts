import fc from 'fast-check'
import { expect, it } from 'vitest'
import { hashOf, parsePlace } from './location'

it('reads back every place it writes, whatever signs the id holds', () => {
  const id = fc.string({ minLength: 1, unit: 'grapheme' })
  fc.assert(
    fc.property(id, (value) => {
      for (const view of ['read', 'compare'] as const) {
        const series = { view, subject: { kind: 'series', seriesUid: value } } as const
        const image = { view, subject: { kind: 'image', imageId: value } } as const
        expect(parsePlace(hashOf(series))).toEqual(series)
        expect(parsePlace(hashOf(image))).toEqual(image)
      }
      const withModel = {
        view: 'compare',
        subject: { kind: 'image', imageId: value },
        withModel: true,
      } as const
      expect(parsePlace(hashOf(withModel))).toEqual(withModel)
    }),
  )
})

it('reads back how a reading was asked for', () => {
  for (const blind of [true, false]) {
    for (const panelId of [null, 'a&b=c']) {
      const place = {
        view: 'annotate',
        subject: { kind: 'image', imageId: 'a?b/c' },
        blind,
        panelId,
      } as const
      expect(parsePlace(hashOf(place))).toEqual(place)
      const third = { ...place, casePosition: 3 }
      expect(parsePlace(hashOf(third))).toEqual(third)
      // The same image again is another place.
      expect(hashOf(third)).not.toBe(hashOf({ ...place, casePosition: 4 }))
    }
  }
})

it('takes anything else for the library', () => {
  for (const hash of ['', '#', '#/', '#/compare', '#/read', '#/read/series/', '#/read/%E0%A4%A/x']) {
    expect(parsePlace(hash)).toEqual({ view: 'library' })
  }
})
