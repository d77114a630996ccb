import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { accept } from '../../../src/contract'
import { rgbDescription } from '../../../src/core/image/slice-body'
import { servicesOnDisk } from '../../fixtures/services-on-disk'
import { quickFolder } from '../../postgres'
import { libraryInMemory } from '../services-in-memory'
import { sound } from './suite'

const root = mkdtempSync(join(quickFolder(), 'margin-after-'))
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

test('the attempt at a photograph is there after a start, before anybody has asked for its image', async () => {
  const size = { widthPx: 4, heightPx: 3 }
  const bytes = Uint8Array.from({ length: 36 }, (_, index) => index)
  const library = libraryInMemory()
  const eye = { ...library.current().images[0], imageId: 'eye', name: 'eye.png', path: '/eye.png', ...size }
  const started = () =>
    servicesOnDisk(
      join(root, 'workspace'),
      libraryInMemory({
        current: () => ({ ...library.current(), images: [eye as never] }),
        photograph: () => Promise.resolve(accept({ description: rgbDescription(size, []), bytes })),
      }),
      { accounts: false },
    )
  const first = started()
  const before = (await first.accounts.raterOf(null))?.rater
  if (before === undefined) throw new Error('nobody reads')
  const subject = { kind: 'image', imageId: 'eye' } as const
  const { attempt } = sound(await first.attempts.open(before, { subject, blind: true, panelId: null }))
  await first.closeWorkspace()

  const second = started()
  const after = (await second.accounts.raterOf(null))?.rater
  if (after === undefined) throw new Error('nobody reads')
  const again = sound(await second.attempts.detail(after, attempt.attemptId))
  expect(again.attempt).toMatchObject({ attemptId: attempt.attemptId, subject })
  await second.closeWorkspace()
})

test('a page that asks many things of an empty workspace at once is one person, and nothing is in its way', async () => {
  const place = join(root, 'empty')
  const [first, second] = [place, place].map((folder) =>
    servicesOnDisk(folder, libraryInMemory(), { accounts: false }),
  )
  if (first === undefined || second === undefined) throw new Error('two programs')
  const asked = await Promise.all(
    Array.from({ length: 12 }, (_, at) => (at % 3 === 0 ? second : first).accounts.raterOf(null)),
  )
  const ids = asked.map((asking) => asking?.rater.raterId)
  expect(ids[0]).toBeTypeOf('string')
  expect(new Set(ids).size).toBe(1)
  expect([await first.accounts.trouble(), await second.accounts.trouble()]).toEqual([null, null])
  await first.closeWorkspace()
  await second.closeWorkspace()
})
