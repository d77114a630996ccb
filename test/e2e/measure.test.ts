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

async function drag(
  page: Page,
  from: readonly [number, number],
  to: readonly [number, number],
): Promise<void> {
  const box = await page.locator('.field').first().boundingBox()
  if (box === null) throw new Error('the image is not on screen')
  const at = ([x, y]: readonly [number, number]): readonly [number, number] => [
    box.x + box.width * x,
    box.y + box.height * y,
  ]
  await page.mouse.move(...at(from))
  await page.mouse.down()
  await page.mouse.move(...at(to), { steps: 5 })
  await page.mouse.up()
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
    await page.keyboard.press('Shift+M')
    await drag(page, [0.3, 0.6], [0.36, 0.64])
    await drag(page, [0.32, 0.64], [0.345, 0.6])
    const list = page.getByRole('region', { name: 'Measurements' })
    await list.getByText('Two diameters 1').waitFor()
    await list.getByRole('button', { name: 'Ellipse' }).click()
    await drag(page, [0.6, 0.4], [0.7, 0.5])
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
    expect(figures['Long Axis']).toBeCloseTo(long ?? NaN, 0)
    expect(figures['Short Axis']).toBeCloseTo(short ?? NaN, 0)
    expect(figures['Diameter']).toBeCloseTo(mean ?? NaN, 0)
    expect(figures['drawn']).toBeCloseTo(figures['Long Axis'] ?? NaN, 3)
    await again.close()
  })
})
