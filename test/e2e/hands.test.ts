import { describe, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { lidcSeries } from '../fixtures/lidc-series'
import { absent } from '../test-data'
import { accessibilityViolations } from './visit/accessible'
import { freshWorkspace, visit } from './visit/launch'

const missing = absent('lidc/LIDC-IDRI-0001.tar.xz')
if (missing !== null) console.log(`hands skips: ${missing}`)

type Spot = readonly [x: number, y: number]

async function drag(page: Page, from: Spot, to: Spot): Promise<void> {
  const box = await page.locator('.stage').first().boundingBox()
  if (box === null) throw new Error('the image is not on screen')
  const at = ([x, y]: Spot): Spot => [box.x + box.width * x, box.y + box.height * y]
  await page.mouse.move(...at(from))
  await page.mouse.down()
  await page.mouse.move(...at(to), { steps: 6 })
  await page.mouse.up()
}

/** The same place of the picture once it is mirrored left to right about the middle of the view. */
const mirrored = ([x, y]: Spot): Spot => [1 - x, y]

const letters = async (page: Page): Promise<string> =>
  (await page.locator('.corner-plates').first().locator('.letter').allInnerTexts()).join(' ')
const badge = (page: Page) => page.locator('.turn-badge')

const WINDOW = { width: 1440, height: 900 }

describe.skipIf(missing !== null)('hands', () => {
  test('a flipped picture says so, and is measured and drawn on as it lies', async () => {
    const visited = await visit({
      args: [lidcSeries() ?? ''],
      widthPx: WINDOW.width,
      heightPx: WINDOW.height,
    })
    const { page } = visited
    await page.getByText('LIDC-IDRI-0001').first().click()
    await page.getByText('slice 67 / 133').first().waitFor()
    // Top, left, right, bottom.
    expect(await letters(page)).toBe('A R L P')
    const list = page.getByRole('region', { name: 'Measurements' })
    const [a, b]: readonly [Spot, Spot] = [
      [0.6, 0.4],
      [0.7, 0.5],
    ]
    await list.getByRole('button', { name: 'Rectangle', exact: true }).click()
    await drag(page, a, b)
    await list.getByText(/SD/).first().waitFor()

    await page.keyboard.press('Shift+F')
    await badge(page).getByText('Flipped left–right', { exact: true }).waitFor()
    expect(await letters(page)).toBe('A L R P')
    // A press on its corner would take up the first one: it goes before the same place is measured anew.
    const straight = await list.locator('.figure').innerText()
    await list.getByRole('button', { name: 'Undo' }).click()
    await list.getByText('Nothing was measured here.').waitFor()
    await drag(page, mirrored(a), mirrored(b))
    await list.getByText(/SD/).first().waitFor()
    expect(await list.locator('.figure').innerText()).toBe(straight)
    await visited.shoot('hands-flipped')

    await page.keyboard.press('Shift+R')
    await badge(page).getByText('Flipped left–right, rotated 90° clockwise').waitFor()
    expect(await letters(page)).toBe('L P A R')
    await page.keyboard.press('x')
    await badge(page).waitFor()
    await page.keyboard.press('x')
    // It comes back as it was left, and says so at once.
    await page.reload()
    await badge(page).getByText('Flipped left–right, rotated 90° clockwise').waitFor()
    await badge(page).getByRole('button').click()
    await badge(page).waitFor({ state: 'detached' })
    expect(await letters(page)).toBe('A R L P')

    // What is drawn straight is taken away by the same strokes on the mirrored picture: they meet the same pixels.
    await page.getByRole('region', { name: 'Your reading' }).getByRole('button', { name: 'Draw' }).click()
    await page.getByRole('toolbar', { name: 'Tools' }).getByText('Brush').waitFor()
    await page.waitForFunction(() => document.querySelector('canvas.cornerstone-canvas') !== null)
    await page.getByText('slice 67 / 133').first().waitFor()
    const structures = page.getByRole('region', { name: 'Structures' })
    await drag(page, [0.4, 0.45], [0.46, 0.52])
    await structures.getByText('1 outlined').waitFor()
    await page.keyboard.press('Shift+F')
    await badge(page).waitFor()
    await page.setViewportSize({ width: 1280, height: 800 })
    await visited.shoot('hands-drawn-flipped')
    await page.setViewportSize(WINDOW)
    await page.keyboard.press('e')
    await drag(page, mirrored([0.4, 0.45]), mirrored([0.46, 0.52]))
    await structures.getByText('0 outlined').waitFor()
    expect(visited.problems).toEqual([])
    await visited.close()
  })

  test('tags are found, keys are changed with a word about conflicts, and both presets and changes outlive a restart', async () => {
    const environment = { MARGIN_WORKSPACE: freshWorkspace() }
    const visited = await visit({ args: [lidcSeries() ?? ''], environment, widthPx: 1920, heightPx: 1080 })
    const { page } = visited
    await page.getByText('LIDC-IDRI-0001').first().click()
    await page.getByText('slice 67 / 133').first().waitFor()
    await page.keyboard.press('Shift+T')
    const sheet = page.getByRole('dialog', { name: 'DICOM tags' })
    await sheet.getByText('Pixel Data').waitFor()
    await visited.shoot('hands-tags')
    await sheet.getByRole('searchbox', { name: 'Find a tag' }).fill('slice location')
    const row = sheet.getByRole('row').filter({ hasText: '(0020,1041)' })
    const before = await row.locator('.value').innerText()
    await sheet.getByRole('button', { name: 'Slice on' }).click()
    await expect.poll(() => row.locator('.value').innerText(), { timeout: 20_000 }).not.toBe(before)
    expect(await accessibilityViolations(page)).toEqual([])
    await page.keyboard.press('Escape')

    await page.keyboard.press('?')
    const help = page.getByRole('dialog', { name: 'Keyboard help' })
    await visited.shoot('hands-keys')
    await help.getByRole('button', { name: /^Change the key of Invert the greys/ }).click()
    await page.keyboard.press('Control+w')
    await help.getByText(/Ctrl W closes the tab/).waitFor()
    await page.keyboard.press('k')
    await help.getByText('K is “Next sample”.').waitFor()
    await visited.shoot('hands-conflict')
    await help.getByRole('button', { name: 'Swap' }).click()
    await help.getByRole('button', { name: /^Change the key of Invert the greys:\s*K$/ }).waitFor()
    await help.getByRole('button', { name: /^Change the key of Next sample:\s*I$/ }).waitFor()
    expect(await accessibilityViolations(page)).toEqual([])
    await help.getByRole('button', { name: 'OHIF' }).click()
    await help.getByRole('button', { name: /^Change the key of Flip left–right:\s*H$/ }).waitFor()
    await help.getByRole('button', { name: /^Change the key of Invert the greys:\s*I$/ }).click()
    await page.keyboard.press('u')
    await help.getByRole('button', { name: /^Change the key of Invert the greys:\s*U$/ }).waitFor()
    await page.keyboard.press('Escape')
    await page.reload()
    await page.getByText('slice 68 / 133').first().waitFor()
    await page.keyboard.press('h')
    await badge(page).getByText('Flipped left–right').waitFor()
    await page.keyboard.press('Shift+F')
    await badge(page).getByText('Flipped left–right').waitFor()
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox', { name: 'Find a command' }).fill('invert the greys')
    expect(await page.getByRole('option').first().innerText()).toMatch(/U\s*$/)
    expect(visited.problems).toEqual([])
    await visited.close()
  })
})
