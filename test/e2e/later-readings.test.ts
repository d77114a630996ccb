import { describe, expect, test } from 'vitest'
import { lidcSeries } from '../fixtures/lidc-series'
import { skipsWithout } from '../test-data'
import { accessibilityViolations } from './visit/accessible'
import { visitForAll } from './visit/launch'

const isSkipped = skipsWithout('lidc/LIDC-IDRI-0001.tar.xz', 'later-readings')

/** The model first, the readers after: what stands on the image is compared, and nothing moves. */
describe.skipIf(isSkipped)('readings that come in after a run', () => {
  const visited = visitForAll(() => ({ args: [lidcSeries() ?? ''] }))

  test('are compared at once, and the clicked place is their nodule', async () => {
    const { page } = visited
    await page.getByText('LIDC-IDRI-0001').first().click()
    await page.getByText('slice 67 / 133').waitFor()
    for (let step = 67; step > 43; step -= 1) await page.keyboard.press('ArrowUp')
    await page.getByText('slice 43 / 133').waitFor()
    const box = await page.locator('.field').first().boundingBox()
    if (box === null) throw new Error('the image is not on screen')
    await page.mouse.click(box.x + box.width * 0.613, box.y + box.height * 0.712)
    await page.getByText('100 samples drawn.', { exact: true }).waitFor({ timeout: 120_000 })
    const readers = page.getByRole('region', { name: 'Readers', exact: true })
    expect(await readers.innerText()).toMatch(/No readings were brought in yet/)
    const lesion = page.getByRole('region', { name: 'Whole lesion' })
    await expect.poll(() => lesion.innerText(), { timeout: 120_000 }).toMatch(/\d+\sslices, \d+ to \d+/)
    expect(await lesion.getByText(/Readers: reader A/).count()).toBe(0)
    const size = await page.getByRole('region', { name: 'Size' }).innerText()
    const zoom = await page
      .getByText(/zoom \d/)
      .first()
      .innerText()

    await page.getByRole('button', { name: 'Bring in the readings' }).click()
    await expect.poll(() => readers.innerText(), { timeout: 20_000 }).toMatch(/GED\s+4\sreaders\s+\d\.\d{3}/)
    await page.getByRole('heading', { name: 'Nodule 1, what the model would draw' }).waitFor()
    // The whole lesion too.
    const spoken = async (): Promise<string> =>
      (await lesion.getByText(/cubic millimetres/).allTextContents()).join(' ')
    await expect
      .poll(spoken, { timeout: 20_000 })
      .toMatch(/Readers: reader A .*, reader B .*, reader C .*, reader D /)
    expect(await page.getByText('slice 43 / 133').count()).toBe(1)
    expect(
      await page
        .getByText(/zoom \d/)
        .first()
        .innerText(),
    ).toBe(zoom)
    // The same samples: their sizes are those of before.
    expect(await page.getByRole('region', { name: 'Size' }).innerText()).toContain(size.split('\n')[2])
    expect(await page.getByText('Place 1').count()).toBe(0)
    await page.waitForLoadState('networkidle')
    await visited.shoot('later-readings')
    expect(await accessibilityViolations(page)).toEqual([])
    expect(visited.problems).toEqual([])
  })

  test('leaving and coming back, drawing and a reload keep slice, window, zoom and rulers', async () => {
    const { page } = visited
    await page.keyboard.press('1')
    for (let press = 0; press < 4; press += 1) await page.keyboard.press('+')
    const stage = await page.locator('.stage').first().boundingBox()
    if (stage === null) throw new Error('the image is not on screen')
    const [x, y] = [stage.x + stage.width / 4, stage.y + stage.height / 4]
    // Where the ruler has its first end, and no outline lies.
    const end = (): Promise<string> =>
      page
        .screenshot({ clip: { x: x - 8, y: y - 8, width: 16, height: 16 } })
        .then((png) => png.toString('base64'))
    const withoutRuler = await end()
    await page.keyboard.press('m')
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + 90, y + 30, { steps: 4 })
    await page.mouse.up()
    await page.mouse.move(x + 200, y - 90)
    await visited.shoot('ruler')
    await page.keyboard.press('v')
    await expect.poll(end).not.toBe(withoutRuler)
    await page.getByText('not on disk').waitFor({ state: 'hidden' })
    const withRuler = await end()
    const corner = (): Promise<string> =>
      page
        .getByText(/zoom \d/)
        .first()
        .innerText()
    const before = await corner()
    const isAsBefore = async (): Promise<void> => {
      await page.getByText('slice 43 / 133').first().waitFor()
      await page
        .getByText(/W\s400\s+L\s40/)
        .first()
        .waitFor()
      await expect.poll(corner, { timeout: 10_000 }).toBe(before)
      await expect.poll(end, { timeout: 10_000 }).toBe(withRuler)
    }
    await page
      .getByRole('button', { name: 'Library', exact: true })
      .or(page.getByRole('link', { name: 'Library' }))
      .first()
      .click()
    await page.getByText('LIDC-IDRI-0001').first().waitFor()
    await page.goBack()
    await isAsBefore()
    expect(await page.getByRole('region', { name: 'Size' }).count()).toBe(1)
    await page
      .getByRole('region', { name: 'Your reading' })
      .getByRole('button', { name: 'Draw', exact: true })
      .click()
    await page.getByRole('heading', { name: 'Open reading' }).waitFor()
    await isAsBefore()
    await visited.shoot('draw-from-read')
    await page.goBack()
    await isAsBefore()
    await page.reload()
    await isAsBefore()
    await page.getByRole('heading', { name: 'Nodule 1, what the model would draw' }).waitFor()
  })
})
