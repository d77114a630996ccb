import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { lidcSeries } from '../fixtures/lidc-series'
import { python, pythonHas } from '../python'
import { absent } from '../test-data'
import { freshWorkspace, visit } from './visit/launch'

const missing =
  absent('lidc/LIDC-IDRI-0001.tar.xz') ??
  (pythonHas('pydicom', 'jpeg_ls') ? null : 'Python has no pydicom with JPEG-LS (npm run setup)')
if (missing !== null) console.log(`measure skips: ${missing}`)

const COMPRESS = `
import sys
from pathlib import Path
import pydicom
from pydicom.uid import JPEGLSLossless
for path in Path(sys.argv[1]).glob("*.dcm"):
    dataset = pydicom.dcmread(path)
    dataset.compress(JPEGLSLossless, generate_instance_uid=False)
    dataset.save_as(Path(sys.argv[2]) / path.name)
`

/** The chest as JPEG-LS, as an archive hands it out. */
function compressed(): string {
  const folder = mkdtempSync(join(tmpdir(), 'margin-compressed-'))
  execFileSync(python, ['-c', COMPRESS, lidcSeries() ?? '', folder])
  return folder
}

/** Of the slices, from their headers: 512 x 512 pixels of 0.703125 mm; the first pixel's centre; slices of 2.5 mm. */
const SIDE_PX = 512
const PIXEL_MM = 0.703125
const FIRST_MM = { x: -166, y: -171.7, lowestZ: -340 }
const STEP_MM = 2.5

/** Middle of the lesion that four readers outlined (lidc_reference_0001.json), columns 298 to 336, rows 341 to 388. */
const LESION = { column: 317, row: 365, zIndex: 89 }

type Pixel = readonly [column: number, row: number]

/** Where a pixel of the slice is on the screen: the picture fills its view, square pixels, nothing turned. */
async function onScreen(page: Page, [column, row]: Pixel): Promise<readonly [number, number]> {
  const box = await page.locator('.field').first().boundingBox()
  if (box === null) throw new Error('the image is not on screen')
  const scale = Math.min(box.width, box.height) / SIDE_PX
  return [
    box.x + box.width / 2 + scale * (column + 0.5 - SIDE_PX / 2),
    box.y + box.height / 2 + scale * (row + 0.5 - SIDE_PX / 2),
  ]
}

async function drag(page: Page, from: Pixel, to: Pixel): Promise<void> {
  await page.mouse.move(...(await onScreen(page, from)))
  await page.mouse.down()
  await page.mouse.move(...(await onScreen(page, to)), { steps: 5 })
  await page.mouse.up()
}

/** The place that a plane says in its lower right corner: its letter and millimetres, the sign as it is printed. */
const placeOf = (page: Page, plane: string): Promise<string> =>
  page
    .locator(`[data-plane="${plane}"]`)
    .getByText(/^(z|[APRL]) [−\d]/)
    .last()
    .innerText()

const millimetres = (words: string): number => Number(/[−\d.]+/.exec(words)?.[0]?.replace('−', '-'))

/** The crosshair is put on the lesion in the slice; all three planes then cut it where its header says it lies. */
async function crosshairOnLesion(page: Page): Promise<void> {
  await page.keyboard.press('Shift+L')
  await page.keyboard.press('Shift+L')
  await page
    .getByText(/slices are here/)
    .first()
    .waitFor({ state: 'detached' })
  await page.mouse.click(...(await onScreen(page, [LESION.column, LESION.row])))
  const [left, back] = [FIRST_MM.x + LESION.column * PIXEL_MM, FIRST_MM.y + LESION.row * PIXEL_MM]
  await expect.poll(() => placeOf(page, 'sagittal')).toMatch(/^L /)
  await expect.poll(() => placeOf(page, 'coronal')).toMatch(/^P /)
  // A pixel of the screen is about one of the picture.
  expect(Math.abs(millimetres(await placeOf(page, 'sagittal')) - left)).toBeLessThan(2)
  expect(Math.abs(millimetres(await placeOf(page, 'coronal')) - back)).toBeLessThan(2)
  const height = FIRST_MM.lowestZ + LESION.zIndex * STEP_MM
  expect(millimetres(await placeOf(page, 'axial'))).toBeCloseTo(height, 1)
}

describe.skipIf(missing !== null)('measuring', () => {
  test('two diameters on the lesion of a compressed series outlive a restart', async () => {
    const [folder, workspace] = [compressed(), freshWorkspace()]
    const environment = { MARGIN_WORKSPACE: workspace }
    const first = await visit({ args: [folder], environment })
    const { page } = first
    await page.getByText('LIDC-IDRI-0001').first().click()
    await page.getByText('slice 67 / 133').first().waitFor()
    await page.keyboard.press('Control+g')
    await page.getByRole('combobox', { name: 'Find a command' }).pressSequentially('44')
    await page.keyboard.press('Enter')
    await page.getByText('slice 44 / 133').first().waitFor()
    await crosshairOnLesion(page)
    await first.shoot('measure-planes')
    await page.keyboard.press('Shift+L')
    await page.locator('[data-plane="coronal"]').waitFor({ state: 'detached' })
    await page.keyboard.press('Shift+M')
    await drag(page, [305, 348], [328, 383])
    await drag(page, [328, 357], [305, 373])
    const list = page.getByRole('region', { name: 'Measurements' })
    await list.getByText('Two diameters 1').waitFor()
    await list.getByRole('button', { name: 'Ellipse' }).click()
    await drag(page, [340, 220], [380, 260])
    await list.getByText(/SD/).waitFor()
    await first.shoot('measure')
    const words = await list.locator('.figure').allInnerTexts()
    await first.close()

    const again = await visit({ args: [folder], environment })
    await again.page.getByText('LIDC-IDRI-0001').first().click()
    const kept = again.page.getByRole('region', { name: 'Measurements' })
    await kept.getByText('Two diameters 1').waitFor()
    await kept.getByText(/SD/).waitFor()
    expect(await kept.locator('.figure').allInnerTexts()).toEqual(words)
    await kept.getByText('Two diameters 1').click()
    await again.page.getByText('slice 44 / 133').first().waitFor()
    const given = again.page.waitForEvent('download')
    await kept.getByRole('button', { name: 'Export' }).click()
    const archive = join(workspace, 'measurements.zip')
    await (await given).saveAs(archive)
    const report: unknown = JSON.parse(
      execFileSync(python, [join(import.meta.dirname, 'visit', 'read_measurements.py'), archive]).toString(),
    )
    // What another program reads is what stands in the list, to a tenth.
    const [long, short, mean] = (words[0] ?? '').match(/[\d.]+/g)?.map(Number) ?? []
    expect(report).toMatchObject({ groups: ['Two diameters 1', 'Ellipse 1'], rows: 2, referenced: 1 })
    const { figures } = report as { readonly figures: Readonly<Record<string, number>> }
    // 41.9 px as they were drawn; a press is worth a pixel of the screen at each end.
    expect(Math.abs((long ?? NaN) - Math.hypot(23, 35) * PIXEL_MM)).toBeLessThan(2)
    expect(figures['Long Axis']).toBeCloseTo(long ?? NaN, 0)
    expect(figures['Short Axis']).toBeCloseTo(short ?? NaN, 0)
    expect(figures['Diameter']).toBeCloseTo(mean ?? NaN, 0)
    expect(figures['drawn']).toBeCloseTo(figures['Long Axis'] ?? NaN, 3)
    await again.close()
  })
})
