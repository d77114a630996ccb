import type { Context } from 'hono'
import { expect, test } from 'vitest'
import { accept, type ScanResult, type Subject } from '../../contract'
import { idOfSubject } from '../../core/subject/subject'
import type { Services } from './services'
import { withoutWithheld } from './shown-listing'

const listing = {
  ...{ images: [], refused: [], filesRead: 9, scannedAt: '', roots: [] },
  series: ['1.1', '1.2'].map((seriesUid) => ({ seriesUid })),
  annotations: ['1.1', '1.2', null].map((seriesUid) => ({ kind: 'document', seriesUid, imageId: null })),
} as unknown as ScanResult

/** What a rater is shown from whom these series are withheld. */
async function shownWithout(withheld: readonly string[]): Promise<readonly [(string | null)[], number]> {
  const services = {
    disclosure: {
      withheld: (_rater: unknown, subject: Subject) =>
        Promise.resolve(accept(withheld.includes(idOfSubject(subject)) ? {} : null)),
    },
  } as unknown as Services
  const c = { var: { rater: { raterId: 'r' } } } as unknown as Context
  const { annotations, filesRead } = await withoutWithheld(c, services, listing)
  return [annotations.map(({ seriesUid }) => seriesUid), filesRead]
}

test('a document that names nothing that is open is listed, and counted, only where nothing is read blind', async () => {
  expect(await shownWithout([])).toEqual([['1.1', '1.2', null], 9])
  expect(await shownWithout(['1.2'])).toEqual([['1.1'], 7])
  expect(await shownWithout(['1.1', '1.2'])).toEqual([[], 6])
})
