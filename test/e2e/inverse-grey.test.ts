import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { skipsWithout, testDataDir } from '../test-data'
import { headNifti } from '../fixtures/nifti-image'
import { visitForAll } from './visit/launch'

const FILE = 'dicom/pixel/dx_monochrome1.dcm'
const VOLUME = resolve(import.meta.dirname, '..', '..', 'build', 'test-data', 'head.nii.gz')
const isSkipped = skipsWithout(FILE, 'inverse-grey')

/** Mean grey of the painted picture where the stored values are low, and where they are high. */
const greys = (page: Page): Promise<{ readonly low: number; readonly high: number }> =>
  page.evaluate(async () => {
    const uid = /series\/([\d.]+)/.exec(location.hash)?.[1] ?? ''
    const answer = await fetch(`/api/series/${uid}/slices/0`)
    const { widthPx, heightPx, type } = JSON.parse(answer.headers.get('margin-pixels') ?? '{}') as {
      widthPx: number
      heightPx: number
      type: string
    }
    const bytes = await answer.arrayBuffer()
    const stored = type === 'uint8' ? new Uint8Array(bytes) : new Uint16Array(bytes)
    const canvas = document.querySelector<HTMLCanvasElement>('canvas.cornerstone-canvas')
    const drawn = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data
    if (canvas === null || drawn === undefined) throw new Error('no picture on screen')
    const { width, height } = canvas
    const middle = [...stored].sort((a, b) => a - b)[stored.length >> 1] ?? 0
    const scale = Math.min(width / widthPx, height / heightPx)
    const sums = { low: [0, 0] as [number, number], high: [0, 0] as [number, number] }
    for (let row = 10; row < heightPx - 10; row += 5)
      for (let column = 10; column < widthPx - 10; column += 5) {
        const x = Math.round(width / 2 + (column + 0.5 - widthPx / 2) * scale)
        const y = Math.round(height / 2 + (row + 0.5 - heightPx / 2) * scale)
        const side = (stored[row * widthPx + column] ?? 0) < middle ? sums.low : sums.high
        side[0] += drawn[4 * (y * width + x)] ?? 0
        side[1] += 1
      }
    return { low: sums.low[0] / sums.low[1], high: sums.high[0] / sums.high[1] }
  })

describe.skipIf(isSkipped)('a MONOCHROME1 radiograph', () => {
  const visited = visitForAll(() => {
    mkdirSync(join(VOLUME, '..'), { recursive: true })
    writeFileSync(VOLUME, gzipSync(headNifti()))
    return { args: [join(testDataDir, FILE), VOLUME] }
  })

  test('is bright where its values are low, and the key I turns that', async () => {
    const { page } = visited
    await page.getByText('DX thorax').first().click()
    await page.waitForFunction(() => document.querySelector('canvas.cornerstone-canvas') !== null)
    const contrast = async (): Promise<number> => {
      const { low, high } = await greys(page)
      return low - high
    }
    await expect.poll(contrast).toBeGreaterThan(40)
    await visited.shoot('inverse-grey')
    await page.keyboard.press('i')
    await expect.poll(contrast).toBeLessThan(-40)
    expect(visited.problems).toEqual([])
  })

  test('and beside it a NIfTI volume, the right way up, cut by planes, without a claim of HU', async () => {
    const { page } = visited
    await page.getByRole('button', { name: 'Library', exact: true }).click()
    await page.getByText('NIfTI, 24 × 3 mm').first().waitFor()
    await visited.shoot('nifti-library')
    await page.getByText('head.nii.gz').first().click()
    await page
      .getByText(/slice 1[23] \/ 24/)
      .first()
      .waitFor()
    const letter = (edge: string) => page.locator(`.${edge}-letter`).first()
    expect([await letter('left').innerText(), await letter('top').innerText()]).toEqual(['R', 'A'])
    await page.getByText('Models that read CT may be wrong').first().waitFor()
    await visited.shoot('nifti-axial')
    await page.keyboard.press('Shift+L')
    await page.keyboard.press('Shift+L')
    await page
      .locator('[data-plane="sagittal"]')
      .getByText(/^[RL] /)
      .first()
      .waitFor()
    await visited.shoot('nifti-planes')
    expect(await page.getByText(/\bHU\b/).allInnerTexts()).toEqual([])
    expect(visited.problems).toEqual([])
  })
})
