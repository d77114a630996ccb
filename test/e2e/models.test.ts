import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lidcSeries } from '../fixtures/lidc-series'
import { skipsWithout, testDataDir } from '../test-data'
import { accessibilityViolations } from './visit/accessible'
import { visit, visitForAll } from './visit/launch'
import type { Visit } from './visit/launch'
import { BROKEN, COPY, modelFolder, SHIPPED } from './visit/model-folder'
import { outOfSight } from './visit/out-of-sight'

const isSkipped = skipsWithout('lidc/LIDC-IDRI-0001.tar.xz', 'models')

const NO_UNCERTAINTY = 'This model draws one outline: it has no uncertainty.'
const DRAWN_MS = 120_000
const models = modelFolder()
afterAll(() => {
  models.remove()
})

const panel = (page: Page, name: string) => page.getByRole('region', { name, exact: true })
const sheet = (page: Page) => page.getByRole('dialog', { name: 'Models' })

/** The pictures on screen, and whether all show the same. Runs in the page. */
function pictures(): { count: number; alike: boolean } {
  const shown = [...document.querySelectorAll<HTMLCanvasElement>('canvas.cornerstone-canvas')]
  const texts = shown.map((canvas) => canvas.toDataURL())
  return { count: texts.length, alike: new Set(texts).size === 1 }
}

/** Pictures of a view at the three widths that the page is made for. */
async function shootAt(visited: Visit, name: string): Promise<void> {
  for (const [widthPx, heightPx] of [
    [1280, 800],
    [1920, 1080],
    [1440, 900],
  ] as const) {
    await visited.page.setViewportSize({ width: widthPx, height: heightPx })
    await visited.page.waitForTimeout(300)
    await visited.shoot(widthPx === 1440 ? name : `${name}-${widthPx}`)
  }
}

/** Figures of two models stand whole in the panel, and the views say whole whose they are. */
async function expectWholeComparison(page: Page): Promise<void> {
  for (const width of [1280, 1440]) {
    await page.setViewportSize({ width, height: 800 })
    await page.waitForTimeout(300)
    expect(await outOfSight(page)).toEqual([])
    const names = page.locator('.linked.both .whose strong')
    expect(await names.evaluateAll((all) => all.map((one) => one.scrollWidth > one.clientWidth))).toEqual([
      false,
      false,
    ])
  }
}

describe.skipIf(isSkipped)('models on the nodule of LIDC-IDRI-0001', () => {
  let visited: Visit
  beforeAll(async () => {
    visited = await visit({ args: [lidcSeries() ?? ''], environment: { MARGIN_MODELS: models.path } })
    await visited.page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  })
  afterAll(async () => {
    await visited.close()
  })

  test('the library leads to the list: all packages, the refused one with its reason and the next step', async () => {
    const { page } = visited
    await page.getByRole('button', { name: 'Models ready' }).click({ timeout: 60_000 })
    const list = sheet(page).getByRole('navigation', { name: 'Packages' })
    for (const id of [...SHIPPED, COPY]) await list.getByText(id, { exact: true }).waitFor()
    expect(await list.getByText('in use').count()).toBe(2)
    await list.getByText(BROKEN, { exact: true }).click()
    const refused = sheet(page).getByRole('group', { name: 'Why it is refused' })
    expect(await refused.innerText()).toMatch(/sampler\.onnx is not the file of the manifest[\s\S]*Install/)
    await visited.shoot('models-refused')
    for (const id of SHIPPED) {
      await list.getByText(id, { exact: true }).click()
      const score = await sheet(page).getByRole('region', { name: id }).innerText()
      expect(score, id).toMatch(/GED, 16 samples\s+\d\.\d{3} \[\d\.\d{3}, \d\.\d{3}\]/)
    }
    await list.getByText('lidc-cflow-planar', { exact: true }).click()
    const card = await sheet(page).getByRole('region', { name: 'lidc-cflow-planar' }).innerText()
    expect(card).toMatch(/GED, 16 samples\s+0\.\d{3} \[0\.\d{3}, 0\.\d{3}\]/)
    expect(card).toMatch(/Learned from\s+[\d\s]+\simages of [\d\s]+\spatients, 4 readings of each/)
    expect(card).toMatch(/Size\s+\d+(\.\d)?\sMB/)
    expect(await accessibilityViolations(page)).toEqual([])
    await shootAt(visited, 'models-list')
    await page.keyboard.press('Escape')
  })

  test('a model is saved as a file and brought in again: the same bytes; a changed one is refused in words', async () => {
    const { page } = visited
    await page.getByRole('button', { name: 'Models ready' }).click()
    const list = sheet(page).getByRole('navigation', { name: 'Packages' })
    await list.getByText('lidc-unet', { exact: true }).click()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      sheet(page).getByRole('button', { name: 'Save as a file' }).click(),
    ])
    const bytes = readFileSync(await download.path())
    const file = { name: download.suggestedFilename(), mimeType: 'application/zip', buffer: bytes }
    const input = sheet(page).getByLabel('File with a model')
    await input.setInputFiles(file)
    await sheet(page).getByText('lidc-unet was here already: the same bytes.').waitFor({ timeout: 30_000 })
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
    await input.setInputFiles({ ...file, buffer: bytes })
    const refused = sheet(page).getByRole('alert')
    await refused.waitFor({ timeout: 30_000 })
    expect(await refused.innerText()).toMatch(/The model was not brought in[\s\S]*damaged on the way/)
    expect(await accessibilityViolations(page)).toEqual([])
    await shootAt(visited, 'models-files')
    await page.keyboard.press('Escape')
  })

  test('another model draws the open lesion anew and the readers stay; a U-Net says that it has no uncertainty', async () => {
    const { page } = visited
    await page.getByText('LIDC-IDRI-0001').first().click()
    await page.getByRole('button', { name: 'Bring in the readings' }).click()
    await page.getByText('Nodule 1').first().click()
    await page.getByText('100 samples drawn.', { exact: true }).waitFor({ timeout: DRAWN_MS })
    const before = await panel(page, 'Readers').innerText()
    await page.getByRole('button', { name: /^lidc-cflow-planar/ }).click()
    await sheet(page).getByText('lidc-unet', { exact: true }).first().click()
    await sheet(page).getByRole('button', { name: 'Use for CT' }).click()
    await page.keyboard.press('Escape')
    await page.getByText(NO_UNCERTAINTY).waitFor({ timeout: DRAWN_MS })
    await page.getByText('The outline is drawn.').waitFor({ timeout: DRAWN_MS })
    const after = await panel(page, 'Readers').innerText()
    const letters = (text: string): string[] => text.match(/^[A-D]$/gm) ?? []
    expect(letters(after)).toEqual(letters(before))
    expect(after).not.toContain('[')
    expect(await panel(page, 'Size on this slice').innerText()).toMatch(
      /one outline, no interval[\s\S]*\d+\.\d\s*mm/,
    )
    expect(await page.locator('.histogram').count()).toBe(0)
    for (const word of ['Contours', 'Bands', 'Median sample'])
      expect(await page.getByText(word, { exact: true }).count()).toBe(0)
    await page.waitForTimeout(500)
    await visited.shoot('read-ct-unet')
  })

  test('the choice is kept over a reload; a nodule chosen before the models are there is not lost', async () => {
    const { page } = visited
    const late = [/\/api\/series\/[\d.]+$/, /\/api\/models$/]
    for (const [at, address] of late.entries())
      await page.route(address, async (route) => {
        await delay(1_000 * (at + 1))
        await route.continue()
      })
    await page.reload()
    await page.getByText('Nodule 1').first().click()
    // Nodules are listed with the slices they lie on, and those are there; the models come a second later.
    expect(await page.getByText(NO_UNCERTAINTY).count()).toBe(0)
    await page.getByText(NO_UNCERTAINTY).waitFor({ timeout: DRAWN_MS })
    expect(await page.getByRole('group', { name: 'Image, slice 43 / 133' }).count()).toBe(1)
    for (const address of late) await page.unroute(address)
    await page.getByRole('combobox', { name: 'Model', exact: true }).selectOption('lidc-cflow-planar')
    await page.getByText('100 samples drawn.', { exact: true }).waitFor({ timeout: DRAWN_MS })
  })

  test('a model compared with its copy differs in nothing: the same crop, the same random numbers', async () => {
    const { page } = visited
    await page.getByRole('button', { name: 'compare models' }).click()
    await page.getByRole('combobox', { name: 'Model 2' }).selectOption(COPY)
    await page.getByText('Both models have drawn.').waitFor({ timeout: DRAWN_MS })
    const difference = await panel(page, 'Difference').innerText()
    expect(difference).toMatch(/Equivalent diameter\s+0\.0\smm/)
    expect(difference).toMatch(/GED to the same 4\sreaders\s+0\.000/)
    expect(difference).toMatch(/Dice of the two medians\s+1\.00/)
  })

  test('two models stand side by side with their sizes on one axis, and no winner is named', async () => {
    const { page } = visited
    await page.getByRole('combobox', { name: 'Model 2' }).selectOption('lidc-unet')
    await page.getByText('Both models have drawn.').waitFor({ timeout: DRAWN_MS })
    const difference = await panel(page, 'Difference').innerText()
    expect(difference).toContain('n = one lesion: no test of which is better.')
    expect(await panel(page, 'Size').innerText()).toContain(NO_UNCERTAINTY)
    const views = page.getByRole('region', { name: /^Model [12], / })
    expect(await views.count()).toBe(2)
    await page.keyboard.press('+')
    // Pictures without what lies over them: the same part of the slice in the same greys, pixel by pixel.
    await expect.poll(() => page.evaluate(pictures)).toEqual({ count: 2, alike: true })
    await page.keyboard.press('-')
    await page.getByRole('button', { name: 'Copy both runs and what differs' }).click()
    const copied = await page.evaluate(() => navigator.clipboard.readText())
    expect(copied).toMatch(
      /^1\tmargin infer .*--model lidc-cflow-planar --samples 100 --seed 1 --draws even$/m,
    )
    expect(copied).toMatch(/^2\tmargin infer .*--model lidc-unet --samples 1 --seed 1$/m)
    expect(copied).toMatch(/^n = one lesion: no test of which is better\.$/m)
    expect(await accessibilityViolations(page)).toEqual([])
    await visited.shoot('compare-models-unet')
    await page.getByRole('combobox', { name: 'Model 2' }).selectOption('lidc-probunet')
    await page.getByText('Both models have drawn.').waitFor({ timeout: DRAWN_MS })
    expect(await panel(page, 'Size').innerText()).not.toContain(NO_UNCERTAINTY)
    await page.getByText('Nodule 1').first().click()
    await page.waitForTimeout(800)
    await shootAt(visited, 'compare-models')
    await expectWholeComparison(page)
    await page.keyboard.press('c')
    await page.waitForTimeout(400)
    await visited.shoot('compare-models-bands')
    await page.keyboard.press('ArrowDown')
    await page.getByText('No samples on this slice yet').waitFor()
    await page.getByRole('button', { name: 'Stop comparing' }).click()
    expect(await views.count()).toBe(0)
    // The damaged file was refused, which a browser notes of itself.
    expect(visited.problems).toEqual([
      'console: Failed to load resource: the server responded with a status of 422 (Unprocessable Entity)',
    ])
  })
})

const hasNoPhotograph = skipsWithout('retina/chase/Image_08L.jpg', 'models on a photograph')

/** One photograph of CHASE_DB1 (test part) with its two readers. */
function oneEye(): string {
  const folder = resolve(import.meta.dirname, '..', '..', 'build', 'test-data', 'models-chase-08')
  mkdirSync(join(folder, 'fov'), { recursive: true })
  const names = ['Image_08L.jpg', 'Image_08L_1stHO.png', 'Image_08L_2ndHO.png', 'fov/Image_08L_fov.png']
  for (const name of names) {
    const from = join(testDataDir, 'retina', 'chase', name)
    if (existsSync(from)) cpSync(from, join(folder, name))
  }
  return folder
}

describe.skipIf(hasNoPhotograph)('models on the vessels of a CHASE_DB1 photograph', () => {
  const visited = visitForAll(() => ({ args: [oneEye()], environment: { MARGIN_MODELS: models.path } }))

  test('two models are compared on a photograph, with progress while the second draws', async () => {
    const { page } = visited
    await page.getByRole('region', { name: 'Opened' }).getByText('Image_08L').first().click()
    await page.getByRole('button', { name: 'Bring in the readings' }).click()
    await page.getByText('Reader B').first().waitFor()
    await page.getByRole('spinbutton', { name: 'samples' }).fill('24')
    await page.getByRole('spinbutton', { name: 'samples' }).press('Enter')
    await page.getByText('24 samples drawn.', { exact: true }).waitFor({ timeout: DRAWN_MS })
    await page.getByRole('button', { name: 'compare models' }).click()
    await page.getByRole('combobox', { name: 'Model 2' }).selectOption('retina-unet')
    await page.getByText('Both models have drawn.').waitFor({ timeout: DRAWN_MS })
    const difference = await panel(page, 'Difference').innerText()
    expect(difference).toMatch(/Share of the field\s+[+−]?\d+\.\d percentage points/)
    expect(difference).toContain('n = one photograph: no test of which is better.')
    // Under the pointer each view speaks of its own model.
    for (const [view, words] of [
      [/^Model 1, /, /in \d+ of 24 samples/],
      [/^Model 2, /, /(in|out)side the outline/],
    ] as const) {
      await page.getByRole('region', { name: view }).locator('.stage').hover()
      await page.getByText(words).first().waitFor()
    }
    await visited.shoot('compare-models-fundus')
    await expectWholeComparison(page)
    await page.keyboard.press('c')
    await page.waitForTimeout(2000)
    await visited.shoot('compare-models-fundus-contours')
    expect(await accessibilityViolations(page)).toEqual([])
    expect(visited.problems).toEqual([])
  })
})
