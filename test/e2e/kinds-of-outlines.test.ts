import { describe, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { type Grid, RunLine } from '../../src/contract'
import { toBase64 } from '../../src/core/image/base64'
import { type Mask, packMask } from '../../src/core/image/mask'
import { sliceReport } from '../../src/core/measures/slice-report'
import { lidcSeries } from '../fixtures/lidc-series'
import { seeded } from '../seeded'
import { skipsWithout } from '../test-data'
import { accessibilityViolations } from './visit/accessible'
import { visitForAll } from './visit/launch'

/**
 * No picture at hand makes a shipped model draw two kinds of outlines: here the program's samples are taken out of its
 * answer, and discs of two sizes put in, with the report that the program makes of such masks.
 */
const isSkipped = skipsWithout('lidc/LIDC-IDRI-0001.tar.xz', 'kinds-of-outlines')
const SMALL = 64

/** Distance inside the disc of a sample, in pixels: one in ten lies a little off, two lie far off. */
function insideOf(grid: Grid, index: number, uniform: () => number): Float32Array {
  const radius = (index % 100 < SMALL ? 6 : 13) + 1.4 * (uniform() - 0.5)
  const [right, down] = index % 50 === 7 ? [14, -11] : [2 * (uniform() - 0.5), 2 * (uniform() - 0.5)]
  return Float32Array.from({ length: grid.widthPx * grid.heightPx }, (_, at) => {
    const [x, y] = [(at % grid.widthPx) - grid.widthPx / 2, Math.floor(at / grid.widthPx) - grid.heightPx / 2]
    return radius - Math.hypot(x - right, y - down)
  })
}

/** Puts the made-up samples into every answer of the program. */
async function withTwoKinds(page: Page): Promise<void> {
  let fields: Int8Array[] = []
  await page.route('**/api/runs', async (route) => {
    const answer = await route.fetch()
    const lines = (await answer.text())
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => RunLine.parse(JSON.parse(line)))
    const grid = lines.flatMap((line) => (line.kind === 'started' ? [line.grid] : []))[0]
    if (grid === undefined) throw new Error('the run did not start')
    const { widthPx, heightPx } = grid
    const uniform = seeded(8)
    const inside = Array.from({ length: 100 }, (_, index) => insideOf(grid, index, uniform))
    fields = inside.map((field) =>
      Int8Array.from(field, (px) => Math.max(-127, Math.min(127, Math.round(16 * px) || -1))),
    )
    const masks = fields.map((field): Mask => ({
      ...{ widthPx, heightPx },
      pixels: Uint8Array.from(field, (value) => (value > 0 ? 1 : 0)),
    }))
    const told = lines.map((line) => {
      if (line.kind === 'samples') {
        const packed = masks.slice(line.firstIndex, line.firstIndex + line.count).map(packMask)
        return { ...line, masks: toBase64(Uint8Array.from(packed.flatMap((one) => [...one]))) }
      }
      if (line.kind !== 'done') return line
      const { pixelSpacingMm, sopInstanceUid, sliceIndex } = line.report
      const made = sliceReport({
        ...{ masks, grid, pixelSpacingMm, sopInstanceUid, sliceIndex },
        ...{ fieldOfView: null, readers: [], warnings: [] },
      })
      return { ...line, report: made }
    })
    await route.fulfill({ response: answer, body: told.map((line) => `${JSON.stringify(line)}\n`).join('') })
  })
  await page.route('**/api/runs/*/fields?*', async (route) => {
    const asked = new URL(route.request().url()).searchParams
    const first = Number(asked.get('first'))
    const given = fields.slice(first, first + Number(asked.get('count')))
    await route.fulfill({
      contentType: 'application/octet-stream',
      body: Buffer.concat(given.map((field) => Buffer.from(field.buffer))),
    })
  })
}

describe.skipIf(isSkipped)('samples of two kinds', () => {
  const visited = visitForAll(() => ({ args: [lidcSeries() ?? ''] }))

  test('are told before the sizes, each by its most typical sample, and those that lie apart by depth and area', async () => {
    const { page } = visited
    await page.getByText('LIDC-IDRI-0001').first().click()
    await page.getByText('slice 67 / 133').waitFor()
    await withTwoKinds(page)
    await page.getByRole('button', { name: 'Bring in the readings' }).click()
    await page.getByText('Nodule 1').first().click()
    await page.getByText('100 samples drawn.', { exact: true }).waitFor({ timeout: 120_000 })
    const kinds = page.getByRole('region', { name: 'Kinds of outlines' })
    await kinds.getByText('The samples fall into two kinds with next to nothing between.').waitFor()
    const larger = kinds.getByRole('button', { name: /larger/ })
    expect(await kinds.innerText()).toMatch(/\d\d smaller[^]*\d\d larger/)
    expect(await page.getByRole('region', { name: 'Outliers' }).count()).toBeLessThanOrEqual(1)
    await kinds.evaluate((element) => {
      element.scrollIntoView({ block: 'start' })
    })
    await visited.shoot('kinds-of-outlines')
    await larger.click()
    await page.getByText(/Sample \d+ of 100: [\d.]+\smm across/).waitFor()
    await visited.shoot('kinds-of-outlines-larger')
    await page.setViewportSize({ width: 1280, height: 800 })
    await visited.shoot('kinds-of-outlines-1280')
    expect(await accessibilityViolations(page)).toEqual([])
    expect(visited.problems).toEqual([])
  })
})
