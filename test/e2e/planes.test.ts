import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { lidcSeries } from '../fixtures/lidc-series'
import { absent } from '../test-data'
import { type Visit, visit } from './visit/launch'

const missing = absent('lidc/LIDC-IDRI-0001.tar.xz')
if (missing !== null) console.log(`planes skips: ${missing}`)

const pane = (page: Page, name: string) => page.locator(`[data-plane="${name}"]`)

/** The place that the lower right corner of a plane says, in millimetres. */
async function shownMm(page: Page, name: string): Promise<number> {
  const words = await pane(page, name)
    .getByText(/^(z|[APRL]) [−\d]/)
    .last()
    .innerText()
  return Number(/([−\d.]+)/.exec(words)?.[1]?.replace('−', '-'))
}

async function drag(page: Page, name: string, across: number, down: number): Promise<void> {
  const box = await pane(page, name).locator('.field').boundingBox()
  if (box === null) throw new Error('no plane on the screen')
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  await page.mouse.move(x, y)
  await page.mouse.down()
  await page.mouse.move(x + across, y + down, { steps: 6 })
  await page.mouse.up()
}

describe.skipIf(missing !== null)('the planes of a chest', () => {
  let visited: Visit
  beforeAll(async () => {
    visited = await visit({ args: [lidcSeries() ?? ''] })
  })
  afterAll(async () => {
    await visited.close()
  })

  test('follow one crosshair: a drag in one moves the two others and turns to the slice', async () => {
    const { page } = visited
    await page.getByText('LIDC-IDRI-0001').first().click()
    await page.getByText('slice 67 / 133').first().waitFor()
    await page.keyboard.press('Shift+L')
    await pane(page, 'coronal')
      .getByText(/^[AP] /)
      .first()
      .waitFor()
    await page
      .getByText(/slices are here/)
      .first()
      .waitFor({ state: 'detached' })
    await visited.shoot('planes-1x2')
    await page.keyboard.press('Shift+L')
    await pane(page, 'sagittal')
      .getByText(/^[RL] /)
      .first()
      .waitFor()
    await visited.shoot('planes-2x2')
    const z = await shownMm(page, 'axial')
    const sagittalMm = await shownMm(page, 'sagittal')
    await drag(page, 'coronal', 40, 30)
    await expect.poll(() => shownMm(page, 'axial')).toBeLessThan(z - 2)
    await expect.poll(() => shownMm(page, 'sagittal')).not.toBe(sagittalMm)
    await visited.shoot('planes-2x2-moved')
    await pane(page, 'axial').getByLabel('Thickness').selectOption('largest 20')
    await visited.shoot('planes-slab')
    await pane(page, 'axial').getByLabel('Thickness').selectOption('largest 10')
  })

  test('the value under the pointer is that of the view it is over, also once the planes have gone', async () => {
    const { page } = visited
    const told = (): Promise<string> => page.locator('.probe').innerText()
    const box = await pane(page, 'coronal').locator('.field').boundingBox()
    if (box === null) throw new Error('no plane on the screen')
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 3)
    await expect.poll(told).toMatch(/HU/)
    const ofPlane = await told()
    await page.keyboard.press('Shift+L')
    await pane(page, 'coronal').waitFor({ state: 'detached' })
    await visited.shoot('planes-1x1')
    const stage = await page.locator('.stage').first().boundingBox()
    if (stage === null) throw new Error('no slice on the screen')
    const heard: string[] = []
    for (const share of [0.4, 0.5, 0.6]) {
      await page.mouse.move(stage.x + share * stage.width, stage.y + 0.6 * stage.height)
      await expect.poll(told).not.toBe(heard.at(-1) ?? ofPlane)
      heard.push(await told())
    }
    expect(new Set(heard).size).toBe(3)
  })
})
