import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { visit } from './visit/launch'
import type { Visit } from './visit/launch'
import { accessibilityViolations } from './visit/accessible'

/** A photograph in which nothing can be seen: the model answers all the same, so it is not asked unasked. */

let visited: Visit
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'margin-black-'))
  const dim = Buffer.from(Array.from({ length: 90 * 80 * 3 }, (_unused, at) => (at * 7) % 13))
  await sharp(dim, { raw: { width: 90, height: 80, channels: 3 } })
    .png()
    .toFile(join(folder, 'dark_OD.png'))
  visited = await visit({ args: [folder] })
})
afterAll(async () => {
  await visited.close()
})

test('no model runs on it until that is asked for', async () => {
  const { page } = visited
  await page
    .getByRole('button', { name: /dark_OD/ })
    .first()
    .click()
  await page.getByText('right eye').first().waitFor()
  await page.getByRole('button', { name: 'Draw samples' }).first().click()
  const calm = page.getByRole('region', { name: 'Almost black' })
  await calm.getByText('Almost black, so no model was run').waitFor()
  // Nothing failed: no red, nothing in the list, and no word of the command line.
  expect(await page.getByRole('alert').count()).toBe(0)
  expect(await page.getByRole('button', { name: /\d errors?/ }).count()).toBe(0)
  expect(await calm.innerText()).not.toContain('--')
  expect(await accessibilityViolations(page)).toEqual([])
  await visited.shoot('black-photograph')
  await calm.getByRole('button', { name: 'Draw all the same' }).click()
  await page.getByText(/samples? drawn\./).waitFor({ timeout: 150_000 })
  expect(visited.problems).toEqual([])
})
