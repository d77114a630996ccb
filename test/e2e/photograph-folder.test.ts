import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import sharp from 'sharp'
import { beforeAll, describe, expect, test } from 'vitest'
import { PhotographTable } from '../../src/contract'
import { builtProgram } from '../built'
import { eyeJpeg } from '../fixtures/eye-photograph'
import { skipsWithout, testDataDir } from '../test-data'
import { accessibilityViolations } from './visit/accessible'
import { type Visit, visitForAll } from './visit/launch'

const isSkipped = skipsWithout('retina/chase/Image_08L.jpg', 'photograph-folder')

const folder = join(resolve(import.meta.dirname, '..', '..'), 'build', 'test-data', 'photographs')
/** Photographs of the test part of CHASE_DB1 and STARE, one of them as a camera's DICOM; and one in which nothing can be seen. */
const DICOM = 'Image_09.dcm'
const NAMES = ['Image_08L.jpg', 'Image_08R.jpg', DICOM, 'im0044.png', 'im0081.png']
const SAMPLES = 12

async function photographs(): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const { chase, stare } = {
    chase: join(testDataDir, 'retina', 'chase'),
    stare: join(testDataDir, 'retina', 'stare', 'stare-images'),
  }
  const size = { Columns: 999, Rows: 960, ImageLaterality: 'L' }
  writeFileSync(join(folder, DICOM), eyeJpeg(size, readFileSync(join(chase, 'Image_09L.jpg'))))
  for (const name of NAMES.filter((one) => one !== DICOM))
    cpSync(join(name.startsWith('im') ? stare : chase, name), join(folder, name))
  await sharp({ create: { width: 300, height: 280, channels: 3, background: '#030202' } })
    .png()
    .toFile(join(folder, 'dark_OD.png'))
}

/** Rows of a CSV whose cells hold no line ends. */
const cellsOf = (csv: string): readonly (readonly string[])[] =>
  csv
    .trimEnd()
    .split('\r\n')
    .map((line) => [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, cell = '']) => cell))

const setSamples = async ({ page }: Pick<Visit, 'page'>): Promise<void> => {
  const field = page.getByRole('spinbutton', { name: /samples/i }).first()
  await field.fill(String(SAMPLES))
  await field.press('Tab')
}

describe.skipIf(isSkipped)('the vessels of a whole folder of photographs', () => {
  const visited = visitForAll(() => ({ args: [folder], widthPx: 1280, heightPx: 800 }))
  beforeAll(() => {
    visited.page.setDefaultTimeout(60_000)
  })

  test('a queue draws them, one after another, while one of them is looked at', async () => {
    const { page } = visited
    await page
      .getByRole('button', { name: /^Image_08L/ })
      .first()
      .click()
    await page.getByRole('button', { name: 'Draw samples' }).first().waitFor()
    await setSamples(visited)
    await page.getByRole('button', { name: 'Library', exact: true }).click()
    await page.getByRole('button', { name: 'Vessels of all photographs (6)' }).click()
    await page.getByText('6 photographs could still be read blind').waitFor()
    await visited.shoot('photographs-before')
    await page.getByRole('button', { name: 'Draw the vessels of 6 photographs' }).click()
    const progress = page.getByRole('progressbar', { name: 'Drawing' })
    await progress.waitFor()
    const row = (name: string) => page.getByRole('row').filter({ hasText: name })
    await row('Image_08L').getByText(/\d %/).waitFor({ timeout: 120_000 })
    await visited.shoot('photographs-running')
    // It is opened while the others are drawn, and its outlines are there without a second run.
    const asked: string[] = []
    page.on('request', (request) => {
      if (request.method() === 'POST' && request.url().endsWith('/api/runs'))
        asked.push(request.postData() ?? '')
    })
    await page.getByRole('button', { name: 'Image_08L.jpg' }).click()
    await page.getByText(new RegExp(`${SAMPLES} samples drawn`)).waitFor()
    await page.getByRole('button', { name: /^Vessels \d of 6/ }).waitFor()
    await visited.shoot('photographs-opened')
    const first = await page.evaluate(() => window.location.hash.split('/')[3] ?? '')
    expect(asked.filter((body) => body.includes(first))).toEqual([])
  })

  test('the next photograph, and the views of one, are a key away', async () => {
    const { page } = visited
    await page.keyboard.press('PageDown')
    const heading = page.getByRole('banner').getByText('Image_08R.jpg')
    await heading.waitFor()
    await page.waitForFunction(() => document.querySelector('canvas.cornerstone-canvas') !== null)
    // Drawn by the queue before it was opened, or soon after.
    await page.getByText(new RegExp(`${SAMPLES} samples drawn`)).waitFor()
    const isChosen = (channel: string): Promise<boolean> =>
      page.getByRole('radio', { name: channel }).isChecked()
    await page.setViewportSize({ width: 1920, height: 1080 })
    for (const channel of ['Green', 'Contrast', 'Red', 'Colour']) {
      await page.keyboard.press('Shift+I')
      expect(await isChosen(channel)).toBe(true)
      await visited.shoot(`photograph-${channel.toLowerCase()}-1920`)
    }
    await page.keyboard.press('PageUp')
    await heading.waitFor({ state: 'detached' })
    // Where one draws, too: what was begun stays, and the next photograph is drawn as this one is.
    await page.getByRole('region', { name: 'Your reading' }).getByRole('button', { name: 'Draw' }).click()
    await page.getByRole('heading', { name: 'Open reading' }).waitFor()
    await page.keyboard.press('Shift+I')
    expect(await isChosen('Green')).toBe(true)
    await page.keyboard.press('PageDown')
    await heading.waitFor()
    await page.getByRole('heading', { name: 'Open reading' }).waitFor()
    expect(page.url()).toContain('#/annotate/')
    await page.setViewportSize({ width: 1280, height: 800 })
  })

  test('ends in a table that says what failed, sorted by a click, and is that of the command line', async () => {
    const { page } = visited
    // By the time the table is asked for it may be whole: then the library leads to it.
    await page.getByRole('button', { name: 'Library', exact: true }).click()
    await page.getByRole('button', { name: 'Vessels of all photographs (6)' }).click()
    await page.getByText('Ended: 5 drawn, 1 failed.').waitFor({ timeout: 300_000 })
    const dark = page.getByRole('row').filter({ hasText: 'dark_OD' })
    await dark.getByText('almost black: no model was run').waitFor()
    const names = async (): Promise<readonly string[]> =>
      (await page.locator('tbody tr th').allInnerTexts()).map((name) => name.trim())
    expect(await names()).toEqual(['dark_OD.png', 'im0044.png', 'im0081.png', ...NAMES.slice(0, 3)])
    await page.getByRole('button', { name: 'Vessels, share of the field' }).click()
    expect((await names()).at(-1)).toBe('dark_OD.png')
    await page.getByRole('row').filter({ hasText: DICOM }).getByText('left').waitFor()
    await visited.shoot('photographs-table')
    expect(await accessibilityViolations(page)).toEqual([])
    await page.setViewportSize({ width: 1920, height: 1080 })
    await visited.shoot('photographs-table-1920')
    await page.getByRole('button', { name: DICOM }).click()
    await page.getByText('EYE-7, left eye').waitFor()
    await page.getByText(new RegExp(`${SAMPLES} samples drawn`)).waitFor()
    await visited.shoot('photograph-dicom-1920')
    await page.setViewportSize({ width: 1280, height: 800 })
    await visited.shoot('photograph-dicom')
    await page.goBack()

    const saved = await visited.download(() => page.getByRole('button', { name: 'Save as CSV' }).click())
    expect(saved.name).toBe('vessels.csv')
    const csv = join(folder, '..', 'photographs.csv')
    const line = ['infer', folder, '--samples', String(SAMPLES), '--csv', csv]
    const told = failing(() =>
      execFileSync(process.execPath, [join(builtProgram(), 'main', 'cli.js'), ...line]),
    )
    const table = PhotographTable.parse(JSON.parse(told))
    expect(table).toMatchObject({ done: 5, failed: 1, left: 0 })
    const [ours, theirs] = [saved.path, csv].map((path) => cellsOf(readFileSync(path, 'utf8')))
    expect(ours).toEqual(theirs)
  })
})

/** The standard output of a command that ends with 1, since one photograph failed. */
function failing(run: () => Buffer): string {
  try {
    run()
  } catch (error) {
    if (error instanceof Error && 'stdout' in error) return String(error.stdout)
    throw error
  }
  throw new Error('it ended with 0')
}

await photographs().catch((error: unknown) => {
  if (!isSkipped) throw error
})
