import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { InferReport, SeriesDetail } from '../../src/contract'
import { builtProgram } from '../built'
import { lidcSeries } from '../fixtures/lidc-series'
import { absent } from '../test-data'
import { accessibilityViolations } from './visit/accessible'
import { type Visit, visit } from './visit/launch'

const SERIES = '1.3.6.1.4.1.14519.5.2.1.6279.6001.179049373636438705059720603192'
const missing = absent('lidc/LIDC-IDRI-0001.tar.xz')
if (missing !== null) console.log(`slice-numbers skips: ${missing}`)

/** Height above the feet that the corner of the image says. */
async function shownZ(page: Page): Promise<number> {
  const corner = await page
    .getByText(/^z [−\d]/)
    .first()
    .innerText()
  return Number(/z (−?[\d.]+)/.exec(corner)?.[1]?.replace('−', '-'))
}

const onSlice = (page: Page, number: number): Promise<void> =>
  page.getByText(`slice ${number} / 133`).first().waitFor()

async function wheel(page: Page, notches: number): Promise<void> {
  const box = await page.locator('.field').first().boundingBox()
  if (box === null) throw new Error('the image is not on screen')
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  await page.mouse.wheel(0, 120 * notches)
}

describe.skipIf(missing !== null)('the numbers of slices', () => {
  let visited: Visit
  beforeAll(async () => {
    visited = await visit({ args: [lidcSeries() ?? ''] })
  })
  afterAll(async () => {
    await visited.close()
  })

  test('a chest runs from the head: the wheel down goes to the feet, and numbers rise', async () => {
    const { page } = visited
    await page.getByText('LIDC-IDRI-0001').first().click()
    await onSlice(page, 67)
    const middle = await shownZ(page)
    await wheel(page, 1)
    await onSlice(page, 68)
    // LPS: z falls towards the feet, by one slice of 2.5 mm.
    await expect.poll(() => shownZ(page)).toBeCloseTo(middle - 2.5, 5)
    await page.keyboard.press('Home')
    await onSlice(page, 1)
    const top = await shownZ(page)
    await page.keyboard.press('End')
    await onSlice(page, 133)
    await expect.poll(() => shownZ(page)).toBeCloseTo(top - 132 * 2.5, 5)
  })

  test('a slice is found by its number and by its instance number, which stands beside it', async () => {
    const { page, origin } = visited
    const answer: unknown = await page.evaluate(
      (url) => fetch(url).then((given): Promise<unknown> => given.json()),
      `${origin}/api/series/${SERIES}`,
    )
    const { slices } = SeriesDetail.parse(answer)
    const heights = slices.map(({ positionMm }) => positionMm?.[2] ?? 0).sort((a, b) => b - a)
    await page.keyboard.press('Control+g')
    await page.getByRole('combobox', { name: 'Find a command' }).pressSequentially('43')
    await page.getByRole('option', { name: /^Go to slice 43/ }).waitFor()
    await visited.shoot('find-slice')
    await page.keyboard.press('Enter')
    await onSlice(page, 43)
    await expect.poll(() => shownZ(page)).toBeCloseTo(heights[42] ?? 0, 1)
    const shown = slices.find(({ positionMm }) => positionMm?.[2] === heights[42])
    await page.getByText(`slice 43 / 133, instance ${shown?.instanceNumber}`).waitFor()

    const other = slices[20]
    await page.keyboard.press('Control+k')
    await page.keyboard.type(`instance ${other?.instanceNumber}`)
    await page.keyboard.press('Enter')
    await page.getByText(`, instance ${other?.instanceNumber}`).first().waitFor()
    await expect.poll(() => shownZ(page)).toBeCloseTo(other?.positionMm?.[2] ?? 0, 1)
    await page.keyboard.press('Control+g')
    await page.keyboard.type('500')
    await page.getByText('the series has slices 1 to 133').waitFor()
    await page.keyboard.press('Escape')
  })

  test('the command line and its report say the same number', () => {
    const report = InferReport.parse(
      JSON.parse(
        execFileSync(
          process.execPath,
          [
            ...[join(builtProgram(), 'main', 'cli.js'), 'infer', lidcSeries() ?? ''],
            ...['--at', '317,367,43', '--samples', '2', '--model', 'lidc-cflow-planar'],
          ],
          { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
        ),
      ),
    )
    // The nodule's middle slice: ascending from the feet it is the 91st, index 90, of 133.
    expect(report.targets[0]?.slices[0]).toMatchObject({ sliceNumber: 43, sliceIndex: 90 })
    expect(report.run.command).toContain('--at 317,367,43')
  })

  test('one switch turns the order, keeps every number, and holds after a reload', async () => {
    const { page } = visited
    await page.keyboard.press('Control+g')
    await page.keyboard.type('43')
    await page.keyboard.press('Enter')
    await onSlice(page, 43)
    const z = await shownZ(page)
    await page.getByRole('button', { name: 'Head first: turn the order' }).click()
    await onSlice(page, 43)
    expect(await shownZ(page)).toBe(z)
    await wheel(page, 1)
    await onSlice(page, 42)
    await expect.poll(() => shownZ(page)).toBeCloseTo(z + 2.5, 5)
    await visited.shoot('feet-first')
    await page.reload()
    await onSlice(page, 42)
    await wheel(page, -1)
    await onSlice(page, 43)
    expect(await accessibilityViolations(page)).toEqual([])
    await page.getByRole('button', { name: 'Feet first: turn the order' }).click()
    await wheel(page, 1)
    await onSlice(page, 44)
    await visited.shoot('head-first')
    expect(visited.problems).toEqual([])
  })
})
