import { describe, expect, test } from 'vitest'
import { lidcSeries } from '../fixtures/lidc-series'
import { skipsWithout } from '../test-data'
import { accessibilityViolations } from './visit/accessible'
import { visitForAll } from './visit/launch'

const isSkipped = skipsWithout('lidc/LIDC-IDRI-0001.tar.xz', 'whole-lesion')
const figure = (text: string): number => Number(text.replaceAll(/[\s\u00a0\u202f\u2009]/g, ''))

/** The nodule of LIDC-IDRI-0001: nine slices of the readers' own, and what they measure of it. */
describe.skipIf(isSkipped)('a lesion through its slices', () => {
  const visited = visitForAll(() => ({ args: [lidcSeries() ?? ''] }))

  test('is followed from the click outwards, its volume stands beside those of the four readers', async () => {
    const { page } = visited
    await page.getByText('LIDC-IDRI-0001').first().click()
    await page.getByRole('button', { name: 'Bring in the readings' }).click()
    await page.getByText('Nodule 1').first().click()
    await page.getByText('100 samples drawn.', { exact: true }).waitFor({ timeout: 120_000 })
    const lesion = page.getByRole('region', { name: 'Whole lesion' })
    await expect.poll(() => lesion.innerText(), { timeout: 120_000 }).toMatch(/\d+\sslices, \d+ to \d+/)
    const text = await lesion.innerText()
    const slices = Number(/(\d+)\sslices/.exec(text)?.[1])
    expect(slices).toBeGreaterThanOrEqual(9)
    expect(slices).toBeLessThanOrEqual(14)
    const [, median = '', low = '', high = ''] =
      /Volume\s+([\d\s\u202f\u00a0]+)\s*mm³\s+\[([^,]+), ([^\]]+)\]/.exec(text) ?? []
    // The readers drew 5,701 to 7,298 mm³ (data/lidc/README.md).
    expect(figure(low)).toBeLessThan(5701)
    expect(figure(high)).toBeGreaterThan(7298)
    expect(figure(median)).toBeGreaterThan(figure(low))
    expect(figure(median)).toBeLessThan(figure(high))
    const spoken = await lesion.getByText(/cubic millimetres/).allTextContents()
    expect(spoken.join(' ')).toMatch(/Readers: reader A .*, reader B .*, reader C .*, reader D /)
    await visited.shoot('whole-lesion')
  })

  test('its outlines are there on every slice, without another click', async () => {
    const { page } = visited
    const strip = page.getByRole('slider', { name: 'Slices of the lesion' })
    await strip.focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    const words = (await strip.getAttribute('aria-valuetext')) ?? ''
    expect(words).toMatch(/^Slice \d+: \d+ of 100 draw it, median [\d.\s\u00a0\u202f]+mm²/)
    const number = /Slice (\d+)/.exec(words)?.[1] ?? ''
    await page.getByText(`slice ${number} / 133`).waitFor()
    await page.getByText('100 samples drawn.', { exact: true }).waitFor()
    expect(await page.getByText('No samples on this slice yet').count()).toBe(0)
    await page.waitForLoadState('networkidle')
    await visited.shoot('whole-lesion-slice')
  })

  test('classes are counted once a person says what kind of nodule it is, never before', async () => {
    const { page } = visited
    const classes = page.getByRole('region', { name: 'Guideline classes' })
    expect(await classes.innerText()).not.toMatch(/Fleischner/)
    await classes.getByText('Solid', { exact: true }).click()
    const text = await classes.innerText()
    expect(text).toMatch(/Fleischner 2017, mean diameter[^]*> 8 mm\s+\d+ of \d+/)
    expect(text).toMatch(/Lung-RADS v2022, volume/)
    expect(text).toMatch(/2\.5 mm thick; Fleischner 2017 assumes 1\.5 mm/)
    for (const [, shown = '', of = ''] of text.matchAll(/([\d\s]+) of (\d+)/g))
      expect(figure(shown)).toBeLessThanOrEqual(figure(of))
    await classes.scrollIntoViewIfNeeded()
    await visited.shoot('guideline-classes')
    expect(await accessibilityViolations(page)).toEqual([])
    expect(visited.problems).toEqual([])
  })
})
