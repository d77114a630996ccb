import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPhotograph, visit } from './visit/launch'
import type { Visit } from './visit/launch'
import { accessibilityViolations } from './visit/accessible'

/** A photograph in which nothing can be seen: the model answers all the same, so it is not asked unasked. */

let visited: Visit
const folder = mkdtempSync(join(tmpdir(), 'margin-black-'))
beforeAll(async () => {
  const dim = Buffer.from(Array.from({ length: 320 * 300 * 3 }, (_unused, at) => (at * 7) % 13))
  await sharp(dim, { raw: { width: 320, height: 300, channels: 3 } })
    .png()
    .toFile(join(folder, 'dark_OD.png'))
  // A DICOM file that ends after its preamble, and files that no viewer would open.
  writeFileSync(join(folder, 'cut.dcm'), Buffer.concat([Buffer.alloc(128), Buffer.from('DICM')]))
  for (let at = 0; at < 5; at += 1)
    writeFileSync(join(folder, `notes-${at}.txt`), 'Bring the discs on Monday.')
  visited = await visit({ args: [folder] })
})
afterAll(async () => {
  await visited.close()
})

test('images that could not be read stand first, and files that are none are folded', async () => {
  const { page } = visited
  const scan = page.getByRole('complementary', { name: 'Last scan' })
  await scan.getByText('cut.dcm').waitFor({ timeout: 60_000 })
  await scan.getByText(/5\sfiles that are no image/).waitFor()
  expect(await scan.getByText('notes-0.txt').isVisible()).toBe(false)
  await visited.shoot('library-refused')
  await scan.getByText(/5\sfiles that are no image/).click()
  expect(await scan.getByText('notes-4.txt').isVisible()).toBe(true)
  expect(await accessibilityViolations(page)).toEqual([])
})

test('no model runs on it until that is asked for', async () => {
  const { page } = visited
  await openPhotograph(page, /dark_OD/)
  await page.getByText('right eye').first().waitFor()
  await page.getByRole('button', { name: 'Draw samples' }).first().click()
  const calm = page.getByRole('region', { name: 'Almost black' })
  await calm.getByText('Almost black, so no model was run').waitFor()
  // Nothing failed: no red, nothing in the list, and no word of the command line.
  expect(await page.getByRole('alert').count()).toBe(0)
  expect(await page.getByRole('button', { name: /\d errors?/ }).count()).toBe(0)
  expect(await calm.innerText()).not.toContain('--')
  // Nothing of a model was shown, so the case can still be read blind.
  await page
    .getByRole('region', { name: 'Your reading' })
    .getByRole('button', { name: 'Read blind' })
    .waitFor()
  expect(await accessibilityViolations(page)).toEqual([])
  await visited.shoot('black-photograph')
  await calm.getByRole('button', { name: 'Draw all the same' }).click()
  await page.getByText(/samples? drawn\./).waitFor({ timeout: 150_000 })
  const readers = page.getByRole('region', { name: 'Readers', exact: true })
  expect(await readers.innerText()).toMatch(/No readings were brought in/)
  expect(await page.getByRole('main').innerText()).not.toMatch(/\bslice\b/)
  expect(visited.problems).toEqual([])
})

test('a case that is being read says so on its card, and one that is picked alone is shown at once', async () => {
  const { page } = visited
  await page.getByRole('region', { name: 'Your reading' }).getByRole('button', { name: 'Draw' }).click()
  await page.getByRole('heading', { name: 'Open reading' }).waitFor()
  await page.getByRole('button', { name: 'Library', exact: true }).click()
  await page.getByText('reading in progress').waitFor()
  await visited.shoot('library-in-progress')
  const other = join(folder, 'other_OS.png')
  await sharp({ create: { width: 70, height: 60, channels: 3, background: '#a04020' } }).toFile(other)
  await page.locator('input[data-pick=files]').setInputFiles(other)
  await page.getByText('left eye').first().waitFor({ timeout: 30_000 })
  expect(page.url()).toContain('#/read/image/')
  expect(visited.problems).toEqual([])
})
