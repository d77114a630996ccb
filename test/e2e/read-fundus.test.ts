import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { skipsWithout, testDataDir } from '../test-data'
import { accessibilityViolations } from './visit/accessible'
import { openPhotograph, visitForAll } from './visit/launch'

const isSkipped = skipsWithout('retina/chase/Image_08L.jpg', 'read-fundus')

/** A folder with one child's left eye of CHASE_DB1 (test part), its two readers and, where it was made, its field of view. */
function oneEye(): string {
  const folder = join(resolve(import.meta.dirname, '..', '..'), 'build', 'test-data', 'chase-08')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'fov'), { recursive: true })
  const chase = join(testDataDir, 'retina', 'chase')
  for (const name of ['Image_08L.jpg', 'Image_08L_1stHO.png', 'Image_08L_2ndHO.png', 'fov/Image_08L_fov.png'])
    if (existsSync(join(chase, name))) cpSync(join(chase, name), join(folder, name))
  return folder
}

describe.skipIf(isSkipped)('the vessels of a CHASE_DB1 photograph', () => {
  const visited = visitForAll(() => ({ args: [oneEye()] }))

  test('the photograph opens with its eye and without millimetres', async () => {
    const { page } = visited
    await openPhotograph(page, /Image_08L/)
    await page.getByText('left eye').first().waitFor()
    await page.getByRole('button', { name: 'Bring in the readings' }).click()
    await page.getByText('Reader B').first().waitFor()
  })

  test('a hundred samples give a map, shares of the field and a GED with both readers', async () => {
    const { page } = visited
    // Outlines sharpen after the figures stand; the last of a hundred comes with this answer.
    const sharpened = page.waitForResponse(
      (answer) => {
        const asked = new URL(answer.url())
        const [first, count] = ['first', 'count'].map((name) => Number(asked.searchParams.get(name)))
        return asked.pathname.endsWith('/fields') && (first ?? 0) + (count ?? 0) === 100
      },
      { timeout: 150_000 },
    )
    const draw = page.getByRole('button', { name: 'Draw samples' })
    if ((await draw.count()) > 0) await draw.first().click()
    await page.getByText('100 samples drawn.', { exact: true }).waitFor({ timeout: 150_000 })
    const readers = await page.getByRole('region', { name: 'Readers' }).innerText()
    expect(Number(/GED[^\d]*2\sreaders\s+(\d\.\d{3})/.exec(readers)?.[1])).toBeGreaterThan(0)
    const sizes = await page.getByRole('region', { name: 'Size' }).innerText()
    expect(sizes).toMatch(/Share of the field\s+\d+\.\d\s*%\s+\[\d+\.\d, \d+\.\d\]/)
    expect(sizes).toContain('No millimetres')
    expect(sizes.replace('No millimetres', '')).not.toMatch(/\bmm\b|millimet/)
    await sharpened
    await page.waitForLoadState('networkidle')
  })

  test('the readable parts are accessible, and nothing went wrong', async () => {
    expect(await accessibilityViolations(visited.page)).toEqual([])
    await visited.shoot('read-fundus')
    await visited.page.setViewportSize({ width: 1920, height: 1080 })
    await visited.shoot('read-fundus-1920')
    expect(visited.problems).toEqual([])
  })
})
