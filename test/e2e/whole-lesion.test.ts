import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { unzipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { lidcSeries } from '../fixtures/lidc-series'
import { python, pythonHas } from '../python'
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

  test('its latent can be looked into: the strongest direction moves the outline and its area, live', async () => {
    const { page } = visited
    await page.getByRole('button', { name: 'Move the outline by hand' }).click()
    const latent = page.getByRole('region', { name: 'Latent' })
    const area = async (): Promise<number> => {
      const words = await latent.getByRole('status').innerText()
      return words.startsWith('no outline') ? 0 : figure(/^([\d\s.]+)\smm²\. /.exec(words)?.[1] ?? 'NaN')
    }
    await expect.poll(area, { timeout: 60_000 }).toBeGreaterThan(50)
    const across = latent.getByRole('slider', { name: 'Across' })
    const setTo = async (sd: number): Promise<number> => {
      const before = await area()
      await across.fill(String(sd))
      await expect.poll(area, { timeout: 20_000 }).not.toBe(before)
      return area()
    }
    const [low, high] = [await setTo(-2), await setTo(2)]
    const told = /moves (\d+)\s% of the outline: ([\d\s.]+)\smm² to ([\d\s.]+)\smm²/.exec(
      await latent.innerText(),
    )
    expect(Number(told?.[1])).toBeGreaterThan(5)
    // Told of one standard deviation to either side, shown at two: the same way, and further.
    expect(Math.sign(high - low)).toBe(Math.sign(figure(told?.[3] ?? '') - figure(told?.[2] ?? '')))
    const pad = latent.locator('svg.pad')
    const box = await pad.boundingBox()
    if (box === null) throw new Error('no pad')
    await page.mouse.move(box.x + 0.5 * box.width, box.y + 0.5 * box.height)
    await page.mouse.down()
    await page.mouse.move(box.x + 0.75 * box.width, box.y + 0.3 * box.height, { steps: 10 })
    await page.mouse.up()
    await latent.getByText(/Of 100 draws \d+ lie farther out/).waitFor()
    await expect.poll(() => across.inputValue()).toBe('1.6')
    await latent.scrollIntoViewIfNeeded()
    await page.waitForLoadState('networkidle')
    await visited.shoot('latent')
    expect(await accessibilityViolations(page)).toEqual([])
    await latent.getByRole('button', { name: 'Close' }).click()
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

  test('drawn again with another count and seed, its figures are those of that run, and the first ones come back', async () => {
    const { page } = visited
    const form = page.getByRole('form', { name: 'Draw again' })
    const lesion = page.getByRole('region', { name: 'Whole lesion' })
    const draw = async (samples: number, seed: number): Promise<void> => {
      await form.getByLabel('samples', { exact: true }).fill(String(samples))
      await form.getByLabel('seed', { exact: true }).fill(String(seed))
      await form.getByRole('button', { name: 'Draw', exact: true }).click()
      await expect
        .poll(() => lesion.innerText(), { timeout: 120_000 })
        .toMatch(new RegExp(`slices, \\d+ to \\d+[^]*\\d+ of ${samples} draw some of it`))
    }
    await draw(25, 9)
    await visited.shoot('whole-lesion-again')
    await draw(100, 1)
    expect(visited.problems).toEqual([])
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

  test('goes out in every form, and pydicom, highdicom and nibabel read it', async () => {
    const { page } = visited
    const side = page.getByRole('region', { name: 'Export' })
    await side.getByRole('button', { name: 'Choose what goes out' }).click()
    for (const box of await side.getByRole('group', { name: 'Formats' }).getByRole('checkbox').all())
      await box.check()
    await side.scrollIntoViewIfNeeded()
    await visited.shoot('export-run')
    const given = await visited.download(() => side.getByRole('button', { name: 'Save a ZIP' }).click())
    expect(given.name).toMatch(/^margin-nodule-1-[\d-]{8}\.zip$/)
    await side.getByText('was written, re-read and found equal').waitFor()
    const folder = mkdtempSync(join(tmpdir(), 'margin-export-'))
    const files = unzipSync(readFileSync(given.path))
    for (const [path, bytes] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), bytes)
    }
    expect(Object.keys(files)).toHaveLength(15)
    const volume = volumeIn(join(folder, 'figures.csv'))
    if (pythonHas('pydicom', 'highdicom', 'nibabel')) {
      const said: unknown = JSON.parse(
        execFileSync(python, ['-W', 'ignore', '-c', READ, folder], { encoding: 'utf8' }),
      )
      const { voxels, spacing, sr, frames } = ReadAgain.parse(said)
      // The median of whole samples and the voxels of the median outlines are two medians: near each other, not equal.
      expect(voxels * spacing.reduce((product, mm) => product * mm, 1)).toBeGreaterThan(volume.low95)
      expect(voxels * spacing.reduce((product, mm) => product * mm, 1)).toBeLessThan(volume.high95)
      expect(sr).toBeCloseTo(volume.value, 6)
      expect(frames).toBeGreaterThanOrEqual(9)
    }
    if (spawnSync('pdftoppm', ['-v']).error === undefined) {
      const shot = join(import.meta.dirname, '..', '..', 'build', 'shots', 'report')
      execFileSync('pdftoppm', [
        '-r',
        '110',
        '-png',
        '-singlefile',
        join(folder, 'nodule-1-report.pdf'),
        shot,
      ])
      const words = execFileSync('pdftotext', [join(folder, 'nodule-1-report.pdf'), '-'], {
        encoding: 'utf8',
      })
      expect(words).toContain('Patient: left out')
      expect(words).not.toContain('LIDC-IDRI-0001\n')
    }
    rmSync(folder, { recursive: true })
    expect(visited.problems).toEqual([])
  })
})

const ReadAgain = z.object({
  voxels: z.number(),
  spacing: z.array(z.number()),
  sr: z.number(),
  frames: z.number(),
})
const READ = `
import glob, json, sys, numpy, nibabel, pydicom, highdicom
one = lambda pattern: glob.glob(sys.argv[1] + "/" + pattern)[0]
n = nibabel.load(one("nifti/*.nii.gz"))
seg = highdicom.seg.segread(one("seg/*-median.dcm"))
voxels = int((numpy.asarray(n.dataobj) == 1).sum())
assert voxels == int(seg.pixel_array.sum())
for path in glob.glob(sys.argv[1] + "/*/*.dcm"):
    pydicom.dcmread(path)
[group] = highdicom.sr.srread(one("sr/*.dcm")).content.get_volumetric_roi_measurement_groups()
print(json.dumps({"voxels": voxels, "spacing": [float(z) for z in n.header.get_zooms()],
  "sr": float(group.get_measurements()[0].value), "frames": int(seg.NumberOfFrames)}))`

/** The volume of the whole lesion in a table of figures. */
function volumeIn(path: string): { readonly value: number; readonly low95: number; readonly high95: number } {
  const line = readFileSync(path, 'utf8')
    .split('\r\n')
    .find((one) => one.startsWith('lesion,,volumeMm3,mm3,samples,'))
  const [, , , , , , , value, low95, high95] = (line ?? '').split(',').map(Number)
  return { value: value ?? NaN, low95: low95 ?? NaN, high95: high95 ?? NaN }
}
