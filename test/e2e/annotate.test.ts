import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { lidcSeries } from '../fixtures/lidc-series'
import { absent, skipsWithout, testDataDir } from '../test-data'
import { measureStrokes } from '../bench/strokes'
import { accessibilityViolations } from './visit/accessible'
import { ask } from './visit/ask'
import { freshWorkspace, visit } from './visit/launch'
import type { Visit } from './visit/launch'

const SERIES = '1.3.6.1.4.1.14519.5.2.1.6279.6001.179049373636438705059720603192'
const isSkipped = skipsWithout('lidc/LIDC-IDRI-0001.tar.xz', 'annotate')

interface Spot {
  readonly x: number
  readonly y: number
}

/** Where the nodule lies in the image, from its middle. */
const NODULE = { columns: 317 - 255.5, rows: 367 - 255.5 }

/** The nodule on the screen, moved by some pixels; before the zoom, which is about it. */
async function spot(page: Page, dx = 0, dy = 0): Promise<Spot> {
  const box = await page.locator('.stage').first().boundingBox()
  if (box === null) throw new Error('the image is not on screen')
  const fit = Math.min(box.width, box.height) / 512
  const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
  return { x: middle.x + fit * NODULE.columns + dx, y: middle.y + fit * NODULE.rows + dy }
}

/** Turns the wheel over the nodule, which stays where it is on the screen. */
async function zoom(page: Page): Promise<void> {
  const at = await spot(page)
  await page.mouse.move(at.x, at.y)
  await page.keyboard.down('Control')
  for (let notch = 0; notch < 7; notch += 1) await page.mouse.wheel(0, -100)
  await page.keyboard.up('Control')
}

async function stroke(page: Page, from: Spot, to: Spot): Promise<void> {
  await page.mouse.move(from.x, from.y)
  await page.mouse.down()
  await page.mouse.move(to.x, to.y, { steps: 8 })
  await page.mouse.up()
}

const history = (page: Page): Promise<string> => page.getByRole('region', { name: 'History' }).innerText()
const structures = (page: Page): Promise<string> =>
  page.getByRole('region', { name: 'Structures' }).innerText()
/** Gestures that the store has acknowledged: a gesture that is not on disk is not yet counted. */
const saved = (page: Page): Promise<void> =>
  page.getByText('saving …').waitFor({ state: 'detached', timeout: 20_000 })

const imageShown = async (page: Page): Promise<void> => {
  await page.waitForFunction(() => document.querySelector('canvas.cornerstone-canvas') !== null)
}

const readingFiles = (page: Page): Promise<readonly string[]> =>
  page.evaluate(async () => {
    const found = await (await fetch('/api/library')).text()
    return [...found.matchAll(/"annotationId":"([^"]+)"/g)].map(([, id]) => id ?? '')
  })
const run = {
  target: { kind: 'series', seriesUid: SERIES, sliceIndex: 90, column: 317, row: 367, structureId: null },
  modelId: null,
  samples: 2,
  seed: 1,
}

describe.skipIf(isSkipped)('a blind reading of LIDC-IDRI-0001', () => {
  const workspace = freshWorkspace()
  const start = { args: [lidcSeries() ?? ''], environment: { MARGIN_WORKSPACE: workspace } }
  let visited: Visit
  /** Names of the reading files beside the series, known from before the blind reading began. */
  let annotationIds: readonly string[] = []
  beforeAll(async () => {
    visited = await visit(start)
  })
  afterAll(async () => {
    await visited.close()
  })

  /** The slice around the nodule before anything was drawn on it. */
  let undrawn = ''
  const aroundNodule = async (page: Page): Promise<string> => {
    const at = await spot(page)
    // The brush is not in the picture.
    await page.mouse.move(at.x + 260, at.y - 300)
    await page.waitForTimeout(200)
    const clip = { x: at.x - 200, y: at.y - 150, width: 400, height: 210 }
    return (await page.screenshot({ clip })).toString('base64')
  }

  const openBlind = async ({ page, origin }: Visit): Promise<void> => {
    await page.goto(`${origin}/#/annotate/series/${SERIES}?blind=1`)
    await page.getByRole('heading', { name: 'Blind reading' }).waitFor()
    await imageShown(page)
  }
  const toSlice = async (page: Page, number: number): Promise<void> => {
    for (let step = 0; step < 140; step += 1) {
      const now = Number(await page.getByRole('slider', { name: 'Slice' }).getAttribute('aria-valuenow'))
      if (now === number) break
      await page.keyboard.press(now < number ? 'ArrowDown' : 'ArrowUp')
    }
    await page.getByText(`slice ${number} / 133`).waitFor()
  }

  test('brush, undo, redo, polygon, fill between', async () => {
    const { page } = visited
    await page.getByText('LIDC-IDRI-0001').first().waitFor()
    annotationIds = await readingFiles(page)
    expect(annotationIds.length).toBeGreaterThan(0)
    await openBlind(visited)
    await page.getByText('slice 67 / 133').waitFor()
    await visited.shoot('annotate-begin')
    await toSlice(page, 45)
    await zoom(page)
    for (let size = 0; size < 6; size += 1) await page.keyboard.press(']')
    undrawn = await aroundNodule(page)
    await stroke(page, await spot(page, -22, 10), await spot(page, 26, 26))
    await saved(page)
    expect(await history(page)).toMatch(/Brush 18\.5 mm, slice 45/)
    expect(await structures(page)).toMatch(/Nodule 1\s+1.slice/)

    // What is taken back is shown, wherever one is, and nothing of it is left.
    await toSlice(page, 52)
    await page.keyboard.press('Control+z')
    await page.getByText('slice 45 / 133').waitFor()
    await expect.poll(() => structures(page)).toMatch(/0 outlined/)
    await expect.poll(() => aroundNodule(page)).toBe(undrawn)
    expect(await history(page)).toMatch(/taken back/)
    await page.keyboard.press('Control+Shift+Z')
    await expect.poll(() => structures(page)).toMatch(/1 outlined/)

    await toSlice(page, 41)
    await page.keyboard.press('g')
    for (const [dx, dy] of [
      [-74, -20],
      [-48, -62],
      [4, -78],
      [58, -52],
      [86, 6],
      [70, 66],
      [14, 92],
      [-46, 70],
    ] as const) {
      const at = await spot(page, dx, dy)
      await page.mouse.click(at.x, at.y)
    }
    await page.keyboard.press('Enter')
    await expect.poll(() => history(page)).toMatch(/Polygon, slice 41/)
    await page.keyboard.press('f')
    await expect.poll(() => history(page)).toMatch(/Fill between 41 and 45/)
    expect(await structures(page)).toMatch(/Nodule 1\s+5.slices/)
    await saved(page)
    await toSlice(page, 43)
    await visited.shoot('annotate-filled')
  })

  test('a structure is added, named, deleted and brought back', async () => {
    const { page } = visited
    await page.keyboard.press('a')
    await page.getByRole('button', { name: 'Rename' }).click()
    await page.getByLabel('Name of the structure').fill('Ground glass')
    await page.getByLabel('Name of the structure').press('Enter')
    await page.getByRole('button', { name: 'Delete Ground glass' }).click()
    await expect.poll(() => structures(page)).not.toMatch(/Ground glass/)
    await page.keyboard.press('Control+z')
    await expect.poll(() => structures(page)).toMatch(/Ground glass/)
    await page.keyboard.press('Control+Shift+Z')
    await saved(page)
  })

  test('a stroke on another structure asks where it belongs; one that goes on with its own does not', async () => {
    const { page } = visited
    const asked = page.getByRole('alert', { name: 'Which structure' })
    await toSlice(page, 45)
    await page.keyboard.press('d')
    await page.keyboard.press('a')
    await page.getByRole('button', { name: /^Nodule 2/ }).waitFor()
    // The other structure stays in sight: the image is not as it was before anything was drawn on it.
    expect(await aroundNodule(page)).not.toBe(undrawn)
    const onFirst = async (dx: number): Promise<void> => {
      await stroke(page, await spot(page, dx, 12), await spot(page, dx + 24, 22))
      await saved(page)
    }
    await onFirst(-20)
    await asked.getByText('This stroke lies on Nodule 1 and went into Nodule 2.').waitFor()
    await visited.shoot('annotate-which-structure')
    expect(await accessibilityViolations(page)).toEqual([])
    await asked.getByRole('button', { name: 'Put it into Nodule 1' }).click()
    await expect.poll(() => structures(page)).toMatch(/Nodule 1\s+5.slices[^]*Nodule 2\s+not drawn yet/)
    expect(await asked.count()).toBe(0)
    // The first one is drawn from now on, and going on with it asks nothing.
    await onFirst(-4)
    expect(await asked.count()).toBe(0)
    // Whoever draws on has answered: it stays where it went, and one undo takes it back.
    await page.getByRole('button', { name: /^Nodule 2/ }).click()
    await onFirst(-20)
    await asked.waitFor()
    await onFirst(-12)
    expect(await asked.count()).toBe(0)
    await page.getByRole('button', { name: 'Delete Nodule 2' }).click()
    await expect.poll(() => structures(page)).not.toMatch(/Nodule 2/)
    await saved(page)
  })

  test('until the commit neither the model nor readings are given out', async () => {
    const { page } = visited
    expect(await ask(page, 'readings', { annotationIds })).toMatchObject({ code: 'blind' })
    expect(await ask(page, 'runs', run)).toMatchObject({ code: 'blind' })
    const names = new Set(
      await page.evaluate(() => performance.getEntriesByType('resource').map((e) => e.name)),
    )
    expect([...names].filter((name) => /\/api\/(?:readings|runs)/.test(name)).length).toBeLessThanOrEqual(2)
  })

  test('a reload in the middle keeps everything, and so does a killed program', async () => {
    let { page } = visited
    await page.reload()
    await expect.poll(() => structures(page), { timeout: 30_000 }).toMatch(/Nodule 1\s+5.slices/)
    expect(await history(page)).toMatch(/Fill between 41 and 45/)
    // A stroke before the slice is on the screen is none; one that was drawn stands in the history.
    await imageShown(page)
    await toSlice(page, 43)
    await page.keyboard.press('d')
    await stroke(page, await spot(page, 60, 60), await spot(page, 80, 80))
    await expect.poll(() => history(page)).toMatch(/Brush 4\.8 mm, slice 43/)
    await saved(page)
    await visited.kill()

    visited = await visit(start)
    page = visited.page
    await page.getByText('LIDC-IDRI-0001').first().waitFor()
    await openBlind(visited)
    await expect.poll(() => history(page), { timeout: 30_000 }).toMatch(/Brush 4\.8 mm, slice 43/)
    expect(await structures(page)).toMatch(/Nodule 1\s+5.slices/)
    await page.keyboard.press('Control+z')
    await expect.poll(() => history(page)).toMatch(/taken back/)
    await saved(page)
  })

  test('the commit fixes the reading and lets the others in', async () => {
    const { page } = visited
    await page.getByText('Nothing here').click()
    await page.getByText(/“nothing here”, but/).waitFor()
    expect(await page.getByRole('button', { name: /Commit reading/ }).isDisabled()).toBe(true)
    // The key does what the button does, and the reason why it does not stands beside it.
    await page.keyboard.press('Control+Enter')
    expect(await page.getByRole('region', { name: 'Commit' }).innerText()).toMatch(/“nothing here”, but/)
    // What is drawn on answers “outlined” by itself, and how sure the reader is is not left out unsaid.
    await page.keyboard.press('d')
    await stroke(page, await spot(page, -24, 4), await spot(page, -20, 8))
    await saved(page)
    expect(await page.getByRole('radio', { name: 'Outlined' }).isChecked()).toBe(true)
    const unsaid = page.getByText('You have not said how sure you are, 1 to 5.')
    await unsaid.waitFor()
    await page.getByText('4', { exact: true }).click()
    await unsaid.waitFor({ state: 'detached' })
    await page.getByLabel('Comment').fill('spiculated')
    await page.getByLabel('Comment').blur()
    await toSlice(page, 43)
    await zoom(page)
    await visited.shoot('annotate')
    expect(await accessibilityViolations(page)).toEqual([])
    // Whatever has the focus, a button here; the words of the field that had it before are kept.
    await page.getByLabel('Comment').fill('spiculated, 12 mm')
    await page.getByRole('button', { name: 'Undo' }).focus()
    await page.keyboard.press('Control+Enter')
    await page.getByText(/Committed at .* first attempt, blind/).waitFor()
    await visited.shoot('annotate-committed')
    expect(await page.getByText(/Digest/).count()).toBe(1)
  })

  test('from the commit one step leads to the model and to the readers of the file beside the series', async () => {
    const { page } = visited
    const commit = page.getByRole('region', { name: 'Commit' })
    await commit.getByRole('button', { name: 'Compare with model and readers' }).click()
    await page.getByRole('checkbox', { name: /^Model/ }).waitFor()
    expect(await page.getByRole('checkbox', { name: /^Model/ }).isChecked()).toBe(true)
    await page.getByText(/100\ssamples.*seed/).waitFor({ timeout: 150_000 })
    const offered = page.getByRole('region', { name: 'Readings beside it' })
    await offered.getByText(/069\.xml beside it holds readings/).waitFor()
    await visited.shoot('compare-own-and-model')
    await offered.getByRole('button', { name: 'Bring in the readings' }).click()
    const agreement = page.getByRole('region', { name: 'You and the others' })
    await agreement.getByText('Reader D').waitFor({ timeout: 60_000 })
    expect(await offered.count()).toBe(0)
    await visited.shoot('compare-own-model-and-file')
    expect(await accessibilityViolations(page)).toEqual([])
  })

  test('a further attempt is asked about where one compares, and where one commits', async () => {
    const { page } = visited
    const attempts = async (): Promise<number> =>
      [...(await ask(page, `attempts?seriesUid=${SERIES}`)).text.matchAll(/"attemptId"/g)].length
    await page.getByRole('button', { name: 'Add a second attempt' }).click()
    await page.getByText('What you committed stays as it is.').waitFor()
    await page.getByRole('button', { name: 'Leave it as it is' }).click()
    expect(await attempts()).toBe(1)
    await page.getByRole('button', { name: 'Library', exact: true }).click()
    await page.getByRole('button', { name: /^Open your reading: LIDC-IDRI-0001/ }).click()
    await page.getByText(/Committed at .* first attempt, blind/).waitFor()
    await page.getByRole('button', { name: 'Add a second attempt' }).click()
    expect(await attempts()).toBe(1)
    await page.getByRole('button', { name: 'Begin a second attempt' }).click()
    await page.getByRole('heading', { name: 'Open reading' }).waitFor()
    await expect.poll(() => structures(page)).toMatch(/0 outlined/)
  })

  test('an open attempt may start from a reading, and keeps from which', async () => {
    const { page } = visited
    await page.evaluate((uid) => {
      window.location.hash = `#/read/series/${uid}`
    }, SERIES)
    await page.getByText('Reader A').first().waitFor()
    // What was shown cannot be read blind any more, and is not offered so: not here, and not in the library.
    const draft = page.getByRole('button', { name: 'Go on with your draft', exact: true })
    await draft.waitFor()
    expect(await page.getByRole('button', { name: /^Read blind/ }).count()).toBe(0)
    await visited.shoot('read-shown')
    await page.getByRole('button', { name: 'Library', exact: true }).click()
    await page.getByRole('button', { name: /^Go on with your draft: LIDC-IDRI-0001/ }).waitFor()
    expect(await page.getByRole('button', { name: /^Read blind: LIDC/ }).count()).toBe(0)
    await visited.shoot('library-shown')
    await page.goBack()
    await draft.click()
    await page.getByRole('heading', { name: 'Open reading' }).waitFor()
    await toSlice(page, 43)
    const from = page.getByRole('region', { name: 'Start from' })
    await from.getByLabel('Outline to start from').selectOption({ label: 'Reader A, Nodule 1' })
    await from.getByRole('button', { name: 'Take' }).click()
    await expect.poll(() => structures(page)).toMatch(/started from another reading; Dice 1\.00 with it now/)
    await saved(page)
    await zoom(page)
    await visited.shoot('annotate-open')
    await page.keyboard.press('Control+z')
    await expect.poll(() => structures(page)).not.toMatch(/started from/)
    await from.getByLabel('Outline to start from').selectOption({ label: 'Majority of the readings' })
    await from.getByRole('button', { name: 'Take' }).click()
    await expect
      .poll(() => structures(page), { timeout: 30_000 })
      .toMatch(/started from a consensus; Dice 1\.00 with it now/)
    await visited.shoot('annotate-consensus')
    expect(await history(page)).toMatch(/Start from: Majority of \d\sreadings, /)
    await page.keyboard.press('Control+z')
    await expect.poll(() => structures(page)).not.toMatch(/started from/)
    await toSlice(page, 20)
    await from.getByRole('button', { name: 'Take' }).click()
    await from.getByText('No reader outlined anything on this slice.').waitFor()
    await toSlice(page, 43)
    await saved(page)
  })

  test('strokes follow the pointer', async () => {
    const { page } = visited
    await toSlice(page, 43)
    await zoom(page)
    const times = await measureStrokes(page, await spot(page), { strokes: 4, moves: 60, radiusPx: 120 })
    console.log(`strokes on 133 slices of 512 x 512: ${JSON.stringify(times)}`)
    expect(times.moves).toBeGreaterThan(100)
    await expect.poll(() => history(page)).toMatch(/Brush/)
  })
})

const eye = join(testDataDir, 'retina', 'chase', 'Image_08L.jpg')
describe.skipIf(absent('retina/chase/Image_08L.jpg') !== null)('a blind reading of a photograph', () => {
  test('brush in pixels, one slice, nothing of slices', async () => {
    const visited = await visit({ args: [eye], widthPx: 1280, heightPx: 800 })
    const { page } = visited
    await page
      .getByRole('button', { name: /^Read blind: / })
      .first()
      .click()
    await page.getByText('Blind reading', { exact: true }).waitFor({ state: 'attached' })
    await imageShown(page)
    await page.getByText('nothing outlined yet').waitFor()
    await stroke(page, await spot(page, -60, -60), await spot(page, 0, -40))
    await saved(page)
    expect(await history(page)).toMatch(/Brush 12\.0 px, photograph/)
    expect(await structures(page)).toMatch(/Vessels 1\s+drawn/)
    await visited.shoot('annotate-fundus')
    expect(await accessibilityViolations(page)).toEqual([])
    expect(visited.problems).toEqual([])

    await page.setViewportSize({ width: 1440, height: 900 })
    const restore = await visited.cutOff('/entries')
    await stroke(page, await spot(page, -60, 20), await spot(page, 0, 40))
    await page.getByText(/1 gesture is not on disk/).waitFor()
    await visited.shoot('annotate-trouble')
    expect(await accessibilityViolations(page)).toEqual([])
    const { name: copy } = await visited.download(() =>
      page.getByRole('button', { name: 'Save a copy' }).click(),
    )
    expect(copy).toMatch(/^margin-attempt-.*\.json$/)
    await restore()
    // The page's own next try may come before the hand.
    await page
      .getByRole('button', { name: 'Try again' })
      .click({ timeout: 2_000 })
      .catch(() => undefined)
    await page
      .getByText(/not on disk/)
      .first()
      .waitFor({ state: 'detached' })
    await saved(page)
    await visited.close()
  })
})

const many = process.env['MARGIN_MANY_SLICES']
/** A folder made by test/bench/many_slices.py. */
describe.skipIf(many === undefined)('a series of many slices', () => {
  test('strokes follow the pointer', async () => {
    const visited = await visit({ args: [many ?? ''] })
    const { page } = visited
    await page.getByText('BENCH').first().waitFor()
    await page
      .getByRole('button', { name: /^Read blind: / })
      .first()
      .click()
    await page.getByRole('heading', { name: 'Blind reading' }).waitFor()
    await imageShown(page)
    await page.waitForTimeout(3_000)
    const times = await measureStrokes(page, await spot(page), { strokes: 6, moves: 60, radiusPx: 150 })
    console.log(`strokes on many slices of 512 x 512: ${JSON.stringify(times)}`)
    expect(times.moves).toBeGreaterThan(100)
    await visited.close()
  })
})
