import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { skipsWithout, testDataDir } from '../test-data'
import { accessibilityViolations } from './visit/accessible'
import { openPhotograph, visitForAll } from './visit/launch'

const isSkipped = skipsWithout('retina/chase/Image_08L.jpg', 'read-fundus')

/** A child's left eye of CHASE_DB1 (test part) with two readers and the field of view, the other eye, and a photograph that models learned from. */
function eyes(): string {
  const folder = join(resolve(import.meta.dirname, '..', '..'), 'build', 'test-data', 'chase-08')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'fov'), { recursive: true })
  const chase = join(testDataDir, 'retina', 'chase')
  const own = ['Image_08L.jpg', 'Image_08L_1stHO.png', 'Image_08L_2ndHO.png', 'fov/Image_08L_fov.png']
  for (const name of [...own, 'Image_08R.jpg', 'Image_01L.jpg'])
    if (existsSync(join(chase, name))) cpSync(join(chase, name), join(folder, name))
  return folder
}

describe.skipIf(isSkipped)('the vessels of a CHASE_DB1 photograph', () => {
  const visited = visitForAll(() => ({ args: [eyes()] }))

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
    // The photograph stands there before the models do: the button comes with them.
    await page.getByRole('button', { name: 'Draw samples' }).first().click()
    await page.getByText('100 samples drawn.', { exact: true }).waitFor({ timeout: 150_000 })
    const readers = await page.getByRole('region', { name: 'Readers', exact: true }).innerText()
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

  test('the lens goes to another corner and out of the way, by key and by click', async () => {
    const { page } = visited
    const lens = page.getByRole('group', { name: 'Lens' })
    const placeOf = async (): Promise<string> => JSON.stringify(await lens.boundingBox())
    const places = new Set([await placeOf()])
    await page.keyboard.press('l')
    places.add(await placeOf())
    await lens.getByRole('button', { name: /Move the lens/ }).click()
    places.add(await placeOf())
    expect(places.size).toBe(3)
    await page.setViewportSize({ width: 1280, height: 800 })
    await visited.shoot('lens-moved')
    expect(await accessibilityViolations(page)).toEqual([])
    await lens.getByRole('button', { name: /Close the lens/ }).click()
    await lens.waitFor({ state: 'detached' })
    await visited.shoot('lens-closed')
    await page.getByRole('button', { name: /^Lens/ }).click()
    await lens.waitFor()
  })

  test('the other eye of the patient is one key away, and back', async () => {
    const { page } = visited
    await page.keyboard.press('o')
    await page.getByText('right eye').first().waitFor()
    await page.setViewportSize({ width: 1440, height: 900 })
    await page.getByRole('button', { name: /^Left eye/ }).click()
    await page.getByText('left eye').first().waitFor()
    await page.getByRole('button', { name: /^Right eye/ }).waitFor()
  })

  test('a photograph that the model has learned from says so where its scores stand', async () => {
    const { page } = visited
    await page.getByRole('button', { name: /Image_01L/ }).click()
    await page.getByRole('button', { name: 'Draw samples' }).first().click()
    await page.getByText(/This photograph \(Image_01L\) is in the training set of this model/).waitFor({
      timeout: 150_000,
    })
    // No photograph of that patient's other eye is here.
    expect(await page.getByRole('button', { name: /^(Left|Right) eye/ }).count()).toBe(0)
    await page.getByText('100 samples drawn.', { exact: true }).waitFor({ timeout: 150_000 })
    await visited.shoot('training-photograph')
    expect(visited.problems).toEqual([])
  })
})
