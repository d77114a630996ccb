import { expect, test } from 'vitest'
import { accessibilityViolations } from './visit/accessible'
import { copiedBy } from './visit/copied'
import { visitForAll } from './visit/launch'
import { outOfSight } from './visit/out-of-sight'

const visited = visitForAll()

test('the first screen offers the built-in case, and it opens', async () => {
  const { page } = visited
  await page.getByRole('button', { name: 'Open the built-in case' }).waitFor()
  await visited.shoot('library-empty')
  expect(await accessibilityViolations(page)).toEqual([])
  await page.getByRole('button', { name: 'Open the built-in case' }).click()
  await page.getByText('Nodule 1').first().waitFor({ timeout: 120_000 })
})

test('its nodule gets 100 samples, sizes in millimetres and a GED with four readers', async () => {
  const { page } = visited
  await page.getByText('Nodule 1').first().click()
  await page.getByText('100 samples drawn.', { exact: true }).waitFor({ timeout: 120_000 })
  const readers = await page.getByRole('region', { name: 'Readers', exact: true }).innerText()
  expect(Number(/GED[^\d]*\d\sreaders\s+(\d\.\d{3})/.exec(readers)?.[1])).toBeGreaterThan(0)
  expect(await page.getByRole('region', { name: 'Size' }).innerText()).toMatch(/\d+\.\d\s*mm/)
  await visited.shoot('read-built-in')
})

test('K names a sample by its number and size, and another structure is asked for', async () => {
  const { page } = visited
  const samples = page.getByRole('region', { name: 'Samples' })
  await page.keyboard.press('k')
  await samples.getByText(/^\s*Sample \d+ of 100: \d+\.\d\smm across/).waitFor()
  const first = await samples.getByRole('status').innerText()
  await page.keyboard.press('k')
  await expect.poll(() => samples.getByRole('status').innerText()).not.toBe(first)
  await page.getByRole('button', { name: 'Click another structure' }).click()
  await page.getByText('Now click it in the image: Select is on.').waitFor()
  await visited.shoot('sample-and-structure')
  expect(await accessibilityViolations(page)).toEqual([])
  await page.keyboard.press('Escape')
})

test('no command finds what was made here or sent by the browser: the run is copied whole, and it is said why', async () => {
  const { page } = visited
  const copied: unknown = JSON.parse(await copiedBy(page, 'Copy this run as JSON'))
  await page
    .getByText(/Copied is the run as JSON: its picture was sent by the browser or made here/)
    .waitFor()
  await visited.shoot('run-copied')
  expect(copied).toMatchObject({
    run: { model: 'lidc-cflow-planar', samples: 100, seed: 1, command: null },
    request: { target: { kind: 'series' } },
    report: { sampleCount: 100, agreement: { ged: expect.any(Number) as number } },
  })
})

test('the library now shows the case, and nothing went wrong', async () => {
  const { page } = visited
  await page.getByRole('navigation', { name: 'Views' }).getByText('Library').click()
  await page.getByText('MARGIN-PHANTOM').first().waitFor()
  await visited.shoot('library')
  expect(visited.problems).toEqual([])
})

test('every view is whole from 860 px on, and with text a quarter larger than usual', async () => {
  const { page } = visited
  await page.getByText('MARGIN-PHANTOM').first().click()
  await page.getByText('100 samples drawn.', { exact: true }).waitFor({ timeout: 120_000 })
  const address = page.url()
  const reached: Readonly<Record<string, string>> = {
    read: address,
    draw: address.replace('#/read/', '#/annotate/'),
    compare: address.replace('#/read/', '#/compare/'),
    panels: `${visited.origin}/#/panels`,
    library: `${visited.origin}/#/library`,
  }
  const found: string[] = []
  for (const [view, to] of Object.entries(reached)) {
    await page.goto(to)
    await page.waitForLoadState('networkidle')
    for (const [width, height, textPx] of [
      [860, 540, 16],
      [960, 540, 16],
      [1030, 640, 16],
      [1280, 800, 16],
      [1440, 900, 20],
      [1920, 1080, 20],
    ] as const) {
      await page.setViewportSize({ width, height })
      await page.evaluate((px) => (document.documentElement.style.fontSize = `${px}px`), textPx)
      if (view === 'read' || view === 'draw' || view === 'compare') {
        // Moved until the picture is there to lie under the pointer.
        let side = 1
        const underPointer = async (): Promise<number> => {
          await page.mouse.move(width / 3 + (side *= -1), height / 2)
          return page.locator('.probe .figure').count()
        }
        await expect.poll(underPointer, { timeout: 30_000 }).toBeGreaterThan(0)
      }
      // Two frames: the viewport follows the first one.
      await page.evaluate(
        () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
      )
      found.push(
        ...(await outOfSight(page)).map((words) => `${view}, ${width} px, text ${textPx} px: ${words}`),
      )
      await visited.shoot(`layout-${view}-${width}`)
    }
    if (view === 'read')
      expect(await page.evaluate(() => getComputedStyle(document.body).fontSize)).toBe('16.25px')
  }
  expect(found).toEqual([])
  await page.evaluate(() => (document.documentElement.style.fontSize = ''))
})
