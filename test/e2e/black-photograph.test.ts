import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { visit } from './visit/launch'
import type { Visit } from './visit/launch'

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
  const refused = page.getByRole('alert')
  await refused.getByText('no model was run on it').waitFor()
  await visited.shoot('black-photograph')
  await refused.getByRole('button', { name: 'Draw all the same' }).click()
  await page.getByText(/samples? drawn\./).waitFor({ timeout: 150_000 })
  expect(visited.problems).toEqual([])
})
