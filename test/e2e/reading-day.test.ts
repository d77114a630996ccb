import { cpSync, mkdtempSync, renameSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { NO_BREAK } from '../../src/core/words/numbers'
import { twoDates } from '../fixtures/two-dates'
import { absent } from '../test-data'
import {
  freshWorkspace,
  launchChromium,
  shoot,
  startServer,
  type Visit,
  visit,
  type VisitOptions,
} from './visit/launch'

/** A reading day: the patient with the prior, a case that is left and gone on with after a restart, two dates in step. */

const missing = absent('lidc/LIDC-IDRI-0001.tar.xz')
if (missing !== null) console.log(`reading-day skips: ${missing}`)

const plain = (words: string): string => words.replaceAll(NO_BREAK, ' ')
const stage = (page: Page) => page.locator('.field').first()
const region = (page: Page, name: string | RegExp) => page.getByRole('region', { name })
/** What the corners of the slice that is read say. */
const cornerWords = async (page: Page): Promise<string> =>
  plain(await page.locator('.corner-plates').first().innerText())

async function drag(page: Page, by: readonly [number, number]): Promise<void> {
  const box = await stage(page).boundingBox()
  if (box === null) throw new Error('the image is not on screen')
  const [x, y] = [box.x + box.width * 0.4, box.y + box.height * 0.5]
  await page.mouse.move(x, y)
  await page.mouse.down()
  await page.mouse.move(x + by[0], y + by[1], { steps: 5 })
  await page.mouse.up()
}

/** What the page has told the workspace of how its case stands, the newest last. */
function notes(page: Page): readonly string[] {
  const told: string[] = []
  page.on('response', (answer) => {
    if (answer.url().endsWith('/api/recent') && answer.request().method() === 'POST')
      told.push(answer.request().postData() ?? '')
  })
  return told
}
const lastOf = (told: readonly string[]) => (): string => told.at(-1) ?? ''

test.skipIf(missing !== null)('the day', async () => {
  // A copy: in the end it is taken away.
  const folder = join(mkdtempSync(join(tmpdir(), 'margin-day-')), 'chest')
  cpSync(twoDates() ?? '', folder, { recursive: true })
  const environment = { MARGIN_WORKSPACE: freshWorkspace() }
  const left = await cutShort({ args: [folder], environment }, readAndLeave)
  // Nothing is named now: what was open is known to the workspace alone.
  await during({ environment }, (visited) => goOn(visited, left))
  await goneAndGiven(folder, environment)
})

async function during<T>(options: VisitOptions, work: (visited: Visit) => Promise<T>): Promise<T> {
  const visited = await visit(options)
  try {
    return await work(visited)
  } finally {
    await visited.close()
  }
}

/** The same, ended as by a power cut. */
async function cutShort<T>(options: VisitOptions, work: (visited: Visit) => Promise<T>): Promise<T> {
  const visited = await visit(options)
  try {
    return await work(visited)
  } finally {
    await visited.kill()
  }
}

/** What is said of the place that was clicked: in the list, of its slice and of its lesion. */
interface Clicked {
  readonly listed: string
  readonly slice: string
  readonly lesion: string
}

const listedIn = async (page: Page): Promise<string> =>
  plain(await region(page, 'Structures').locator('.row').first().innerText())
const sayingOf = async (page: Page): Promise<Clicked> => ({
  listed: await listedIn(page),
  slice: plain(await region(page, 'Size').innerText()),
  lesion: plain(await region(page, 'Whole lesion').innerText()),
})

/** Clicks the nodule on slice 17, lets it be followed, and calls it by a name of its own. */
async function clickNodule(page: Page): Promise<Clicked> {
  for (let step = 21; step > 17; step -= 1) await page.keyboard.press('ArrowUp')
  await page.getByText('slice 17 / 41').first().waitFor()
  const box = await stage(page).boundingBox()
  if (box === null) throw new Error('the image is not on screen')
  await page.mouse.click(box.x + box.width * 0.613, box.y + box.height * 0.712)
  await expect
    .poll(() => region(page, 'Whole lesion').innerText(), { timeout: 120_000 })
    .toMatch(/\d+\sslices, \d+ to \d+/)
  const structures = region(page, 'Structures')
  await structures.getByRole('button', { name: 'Rename Place 1' }).click()
  await structures.getByRole('textbox', { name: 'Name of the place' }).fill('Apex of the left lung')
  await page.keyboard.press('Enter')
  await structures.getByText('Apex of the left lung').waitFor()
  await expect.poll(() => page.evaluate(keptLesions), { timeout: 20_000 }).toBe(1)
  return sayingOf(page)
}

/** How many lesions the program has kept of the series that is open. */
async function keptLesions(): Promise<number> {
  const seriesUid = /series\/([\d.]+)/.exec(window.location.href)?.[1] ?? ''
  const answer = await fetch(`/api/runs/kept?seriesUid=${seriesUid}`)
  const { runs } = (await answer.json()) as { runs: { figures: { lesion: unknown }; stale: unknown }[] }
  return runs.filter(({ figures, stale }) => figures.lesion !== null && stale === null).length
}

/** Opens the new study from the list, looks at it and measures; what is said in the end. */
async function readAndLeave(visited: Visit): Promise<{ corners: string; clicked: Clicked }> {
  const { page } = visited
  const told = notes(page)
  const patient = region(page, 'LIDC-IDRI-0001')
  await patient.getByText('prior, 11').waitFor()
  expect(plain(await patient.locator('h3').innerText())).toContain('2 studies, 3 series')
  const studies = await patient.locator('.when').allInnerTexts()
  expect(studies.map((words) => plain(words).replace(/\s+/g, ' '))).toEqual([
    '1999-02-01prior, 11 months before',
    '2000-01-01',
  ])
  await expect
    .poll(() => page.evaluate(() => [...document.images].filter((one) => one.naturalWidth > 0).length), {
      timeout: 20_000,
    })
    .toBe(3)
  await visited.shoot('reading-day-list')

  await region(page, '2000-01-01, CT chest')
    .getByRole('button', { name: /41 × 2.5/ })
    .click()
  await page.getByText('slice 21 / 41').first().waitFor()
  const clicked = await clickNodule(page)
  for (let step = 17; step < 26; step += 1) await page.keyboard.press('ArrowDown')
  await page.getByText('slice 26 / 41').first().waitFor()
  await page.keyboard.press('1')
  await page.keyboard.press('+')
  await page.keyboard.press('+')
  await page.keyboard.press('m')
  await drag(page, [90, 30])
  await region(page, 'Measurements').getByText('Ruler 1').waitFor()
  await expect.poll(lastOf(told), { timeout: 10_000 }).toMatch(/"sliceNumber":26,.*zoom/)
  await visited.shoot('reading-day-left')
  return { corners: await cornerWords(page), clicked }
}

/** After a restart: the case stands as it was left, and goes on beside the prior. */
async function goOn(
  visited: Visit,
  { corners, clicked }: Awaited<ReturnType<typeof readAndLeave>>,
): Promise<void> {
  const { page } = visited
  const recent = region(page, 'Recent')
  await recent.getByText('LIDC-IDRI-0001').waitFor()
  await recent.getByText(/at slice 26/).waitFor()
  await visited.shoot('recent')
  await recent.getByRole('button', { name: /^Open again/ }).click()
  await page.getByText('slice 26 / 41').first().waitFor()
  await expect.poll(() => cornerWords(page)).toEqual(corners)
  await asItWasDrawn(visited, clicked)
  await region(page, 'Measurements').getByText('Ruler 1').waitFor()
  await twoInStep(page)
  await visited.shoot('two-dates-in-step')
  expect(visited.problems).toEqual([])
}

/** The program is still starting, on whatever computer. */
const SLOW = { timeout: 20_000 }

/** What was drawn before the power cut is there with the case, second for second of its drawing: it was not drawn again. */
async function asItWasDrawn({ page, shoot: picture }: Visit, clicked: Clicked): Promise<void> {
  await expect.poll(() => listedIn(page), SLOW).toEqual(clicked.listed)
  for (let step = 26; step > 17; step -= 1) await page.keyboard.press('ArrowUp')
  await page.getByText('slice 17 / 41').first().waitFor()
  await expect.poll(() => sayingOf(page), SLOW).toEqual(clicked)
  await page.getByText('100 samples drawn.', { exact: true }).waitFor()
  await page.waitForLoadState('networkidle')
  await picture('results-kept')
  for (let step = 17; step < 26; step += 1) await page.keyboard.press('ArrowDown')
  await page.getByText('slice 26 / 41').first().waitFor()
}

/** The prior by slice, then another series of the same study by position. */
async function twoInStep(page: Page): Promise<void> {
  await page.keyboard.press('Shift+L')
  const what = page.getByRole('combobox', { name: 'Plane' })
  const pane = page.locator('[data-pane="series"]')
  await what.selectOption(await valueOf(page, 'Series 3000567'))
  await pane.getByText('in step by position').waitFor()
  await what.selectOption(await valueOf(page, '1999-02-01'))
  await pane.getByText('in step by slice: no common frame of reference').waitFor()
  await pane.getByText('slice 26 / 41').first().waitFor()
  await page.keyboard.press('ArrowUp')
  await pane.getByText('slice 25 / 41').first().waitFor()
  const box = await pane.locator('.field').boundingBox()
  if (box === null) throw new Error('no other series on screen')
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  await page.mouse.wheel(0, 100)
  await expect.poll(() => cornerWords(page)).toContain('slice 26 / 41')
}

/** The value of the option of the views that holds these words. */
async function valueOf(page: Page, words: string): Promise<string> {
  const options = page.getByRole('combobox', { name: 'Plane' }).locator('option', { hasText: words })
  return (await options.first().getAttribute('value')) ?? ''
}

/** A folder that has gone is said so; files that a browser gave are asked for, and gone on with. */
async function goneAndGiven(folder: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const away = `${folder}-away`
  renameSync(folder, away)
  const server = await startServer([], environment)
  const browser = await launchChromium()
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' })
    const told = notes(page)
    await page.goto(server.url)
    const recent = region(page, 'Recent')
    await recent.getByText(/Nothing is there any more/).waitFor()
    expect(await recent.getByRole('button', { name: /^Open again/ }).count()).toBe(0)
    await shoot(page, 'recent-gone')
    await recent.getByRole('button', { name: /^Take off the list/ }).click()
    await recent.waitFor({ state: 'detached' })
    await page.locator('[data-pick="folder"]').setInputFiles(join(away, 'prior'))
    await page.getByText('slice 21 / 41').first().waitFor()
    await page.keyboard.press('ArrowUp')
    await page.getByText('slice 20 / 41').first().waitFor()
    await expect.poll(lastOf(told), { timeout: 10_000 }).toMatch(/"sliceNumber":20,/)
  } finally {
    await browser.close()
    await server.stop()
  }
  await during({ environment }, async (last) => {
    const recent = region(last.page, 'Recent')
    await recent.getByText(/they are given again/).waitFor()
    await recent.getByRole('button', { name: /^Open again/ }).click()
    await recent.getByText(/Give its files again/).waitFor()
    await last.shoot('recent-given')
    await last.page.locator('[data-pick="folder"]').setInputFiles(join(away, 'prior'))
    await last.page.getByText('slice 20 / 41').first().waitFor()
  })
}
