import { describe, expect, test } from 'vitest'
import { lidcSeries } from '../fixtures/lidc-series'
import { twoDates } from '../fixtures/two-dates'
import { skipsWithout } from '../test-data'
import { accessibilityViolations } from './visit/accessible'
import type { Page } from 'playwright-core'
import { copiedBy } from './visit/copied'
import { visit, visitForAll } from './visit/launch'

const isSkipped = skipsWithout('lidc/LIDC-IDRI-0001.tar.xz', 'places')

describe.skipIf(isSkipped)('places', () => {
  const visited = visitForAll(() => ({ args: [lidcSeries() ?? ''], widthPx: 1280, heightPx: 800 }))

  test('are picked with keys alone: a cursor is moved, tells what it points at, and Enter draws there', async () => {
    const { page } = visited
    await page.getByText('LIDC-IDRI-0001').first().waitFor()
    await page
      .getByRole('link', { name: /LIDC-IDRI-0001/ })
      .or(page.getByRole('button', { name: /LIDC-IDRI-0001/ }))
      .first()
      .focus()
    await page.keyboard.press('Enter')
    await page.getByText('slice 67 / 133').first().waitFor()
    for (let step = 67; step > 43; step -= 1) await page.keyboard.press('ArrowUp')
    await page.getByText('slice 43 / 133').first().waitFor()

    const field = page.locator('.field').first()
    const told = field.locator('[aria-live=polite]')
    const place = async (): Promise<readonly [column: number, row: number]> => {
      const words = (await field.locator('.heard').first().innerText()).match(/column (\d+), row (\d+)/)
      return [Number(words?.[1]), Number(words?.[2])]
    }
    await page.keyboard.press('n')
    await expect
      .poll(() => told.innerText())
      .toMatch(/Enter picks, Esc puts it away\. HU .*column 25[56], row 25[56]/)
    const [column, row] = await place()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Shift+ArrowDown')
    expect(await place()).toEqual([column + 1, row + 10])
    await page.getByText('slice 43 / 133').first().waitFor()
    // Turned, an arrow still goes the way it points on the screen.
    await page.keyboard.press('Shift+F')
    await page.keyboard.press('ArrowRight')
    expect(await place()).toEqual([column, row + 10])
    await page.keyboard.press('Shift+F')
    while ((await place())[0] < 307) await page.keyboard.press('Shift+ArrowRight')
    while ((await place())[1] < 357) await page.keyboard.press('Shift+ArrowDown')
    await expect.poll(() => told.innerText()).toMatch(/^HU/)
    await page
      .getByText(/Arrows move the cursor/)
      .first()
      .waitFor()
    await page.keyboard.press('Enter')
    await page.getByText('100 samples drawn.', { exact: true }).waitFor({ timeout: 120_000 })
    await page.getByRole('heading', { name: 'Place 1, what the model would draw' }).waitFor()
    await visited.shoot('places-cursor')
    await page.keyboard.press('Escape')
    await page
      .getByText(/Arrows move the cursor/)
      .first()
      .waitFor({ state: 'detached' })
    await page.keyboard.press('ArrowDown')
    await page.getByText('slice 44 / 133').first().waitFor()
    await page.keyboard.press('ArrowUp')
    expect(await accessibilityViolations(page)).toEqual([])
    expect(visited.problems).toEqual([])
  })

  test('stand as marks on their slice: one is named and chosen there, dragged, and taken back by undo', async () => {
    const { page } = visited
    const stage = await page.locator('.stage').first().boundingBox()
    if (stage === null) throw new Error('the image is not on screen')
    await page.mouse.click(stage.x + stage.width * 0.3, stage.y + stage.height * 0.4)
    const marks = page.getByRole('list', { name: 'Places on this slice' })
    const [first, second] = [1, 2].map((number) => marks.getByRole('button', { name: `Place ${number}` }))
    if (first === undefined || second === undefined) throw new Error('two marks')
    await second.and(page.locator('[aria-current]')).waitFor()
    await page.getByText('100 samples drawn.', { exact: true }).waitFor({ timeout: 120_000 })
    await first.focus()
    await first.getByText('Place 1').waitFor()
    await visited.shoot('places-marks')
    await page.setViewportSize({ width: 1920, height: 1080 })
    await visited.shoot('places-marks-1920')
    await page.setViewportSize({ width: 1280, height: 800 })
    // The same by keys: it names itself, and Enter chooses it. Nothing is drawn anew, and nothing moves.
    const lies = await first.boundingBox()
    await page.keyboard.press('Enter')
    await first.and(page.locator('[aria-current]')).waitFor()
    await page.getByRole('heading', { name: 'Place 1, what the model would draw' }).waitFor()
    expect(await first.boundingBox()).toEqual(lies)

    await second.click()
    const before = await second.boundingBox()
    if (before === null) throw new Error('the mark is not on screen')
    const [x, y] = [before.x + before.width / 2, before.y + before.height / 2]
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + 60, y + 30, { steps: 4 })
    // Escape: as if it had never been taken up.
    await page.keyboard.press('Escape')
    await page.mouse.up()
    await expect.poll(async () => (await second.boundingBox())?.x).toBeCloseTo(before.x, 0)
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + 60, y + 30, { steps: 4 })
    await page.mouse.up()
    await page.getByText('100 samples drawn.', { exact: true }).waitFor({ timeout: 120_000 })
    await expect.poll(async () => (await second.boundingBox())?.x).toBeCloseTo(before.x + 60, 0)
    await page.getByRole('navigation').getByRole('button', { name: 'Structures' }).click()
    await page.getByRole('button', { name: 'Undo, places' }).click()
    await page.keyboard.press('Escape')
    await expect.poll(async () => (await second.boundingBox())?.x).toBeCloseTo(before.x, 0)
    expect(await accessibilityViolations(page)).toEqual([])
    // Hidden with everything else.
    await page.keyboard.press('x')
    await marks.waitFor({ state: 'detached' })
    await page.keyboard.press('x')
    expect(visited.problems).toEqual([])
  })
})

/** Opens a scan from the library, clicks its nodule and waits until that was followed through its slices. */
async function followNodule(page: Page, study: string): Promise<void> {
  await page
    .getByRole('region', { name: study })
    .getByRole('button', { name: /41 × 2.5/ })
    .click()
  await page.getByText('slice 21 / 41').first().waitFor()
  for (let step = 21; step > 17; step -= 1) await page.keyboard.press('ArrowUp')
  await page.getByText('slice 17 / 41').first().waitFor()
  const stage = await page.locator('.stage').first().boundingBox()
  if (stage === null) throw new Error('the image is not on screen')
  await page.mouse.click(stage.x + stage.width * 0.598, stage.y + stage.height * 0.715)
  await page.getByText('100 samples drawn.', { exact: true }).waitFor({ timeout: 120_000 })
  const lesion = page.getByRole('region', { name: 'Whole lesion' })
  await expect.poll(() => lesion.innerText(), { timeout: 240_000 }).toMatch(/\d+\sslices, \d+ to \d+/)
}

describe.skipIf(isSkipped)('growth', () => {
  test('of a lesion that was followed at two dates is told with its interval, its floor and the commands', async () => {
    const folder = twoDates() ?? ''
    const visited = await visit({
      args: [`${folder}/new`, `${folder}/prior`],
      widthPx: 1280,
      heightPx: 800,
    })
    const { page } = visited
    await followNodule(page, '2000-01-01, CT chest')
    const growth = page.getByRole('region', { name: 'Growth' })
    await growth.getByText('1999-02-01').waitFor()
    await growth.getByText(/No lesion was followed there/).waitFor()
    await page.goBack()
    await followNodule(page, '1999-02-01, CT chest')
    await growth.getByRole('button', { name: /Compare with 2000-01-01: Place 1, slice 17/ }).click()
    await growth.getByText('1999-02-01 to 2000-01-01, 334 days').waitFor()
    await growth.scrollIntoViewIfNeeded()
    await visited.shoot('growth')
    // Both dates hold the same pixels, and so the same samples: no change is the middle of all pairs.
    const text = (await growth.innerText()).replaceAll(/\s+/g, ' ')
    expect(text).toMatch(/Volume 0 % \[−\d+, \+\d+\]/)
    expect(text).toMatch(/Mean diameter 0\.0 mm/)
    expect(text).toMatch(
      /The samples hold both growth and shrinking possible\. By the median pair the volume does not change \(95 % of pairs: between doubles in \d+ days and halves in \d+ days\)/,
    )
    expect(text).toMatch(/% of pairs grow by more than the 25 % that scans of one day differ by/)
    expect(await accessibilityViolations(page)).toEqual([])
    const commands = (await copiedBy(page, 'Copy the commands')).split(' && ')
    expect(commands.map((line) => line.replace(/ .* --whole/, ' … --whole'))).toEqual([
      'margin … --whole-lesion --export csv --out earlier',
      'margin … --whole-lesion --export csv --out later',
      'margin growth earlier/export/samples.csv later/export/samples.csv --days 334',
    ])
    expect(commands[0]).toContain('/prior')
    expect(commands[1]).toContain('/new')
    await page.setViewportSize({ width: 1920, height: 1080 })
    await visited.shoot('growth-1920')
    expect(visited.problems).toEqual([])
    await visited.close()
  })
})
