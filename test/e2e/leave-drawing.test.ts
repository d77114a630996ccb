import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { freshWorkspace, visit } from './visit/launch'
import type { Visit } from './visit/launch'

/** What was drawn and not acknowledged yet outlives the drawing view: on a slow line, on a disk that takes nothing. */

const STROKES = 4
const LATENCY_MS = 400

async function stroke(page: Page, index: number): Promise<void> {
  const box = await page.locator('.stage').first().boundingBox()
  if (box === null) throw new Error('the image is not on screen')
  const y = box.y + box.height / 2 + 40 * index - 160
  await page.mouse.move(box.x + box.width / 2 - 60, y)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width / 2 + 60, y, { steps: 6 })
  await page.mouse.up()
}

/** Entries of the open draft, as the program itself has them. */
const onDisk = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const library = (await (await fetch('/api/library')).json()) as { series: { seriesUid: string }[] }
    const uid = library.series[0]?.seriesUid ?? ''
    const own = (await (await fetch(`/api/attempts?seriesUid=${uid}`)).json()) as {
      attempts: { revision: number }[]
    }
    return own.attempts[0]?.revision ?? 0
  })

describe('the drawing view is left with gestures on their way', () => {
  let visited: Visit
  beforeAll(async () => {
    visited = await visit({ args: ['--demo'], environment: { MARGIN_WORKSPACE: freshWorkspace() } })
    const { page } = visited
    await page.waitForFunction(() => document.querySelector('canvas.cornerstone-canvas') !== null)
    const address = page.url().replace('#/read/', '#/annotate/')
    await page.goto(address)
    await page.getByText('nothing outlined yet').waitFor()
    await page.waitForFunction(() => document.querySelector('canvas.cornerstone-canvas') !== null)
  })
  afterAll(async () => {
    await visited.close()
  })
  const arrived = (expected: number): Promise<void> =>
    expect.poll(() => onDisk(visited.page), { timeout: 40_000 }).toBe(expected)

  test('for the library, on a slow line: all of them arrive', async () => {
    const { page } = visited
    await page.route('**/entries', async (route) => {
      await new Promise((passed) => setTimeout(passed, LATENCY_MS))
      await route.continue()
    })
    for (let index = 0; index < STROKES; index += 1) await stroke(page, index)
    await page.getByRole('button', { name: 'Library', exact: true }).click()
    await page.getByRole('heading', { name: 'Library' }).or(page.getByText('Built-in')).first().waitFor()
    expect(await onDisk(page)).toBeLessThan(STROKES)
    await arrived(STROKES)
  })

  test('with the back button, while the disk takes nothing: it is said, the page asks, and all arrive later', async () => {
    const { page } = visited
    await page.goBack()
    await page.getByText('1 structure, 1 slice').waitFor()
    await page.waitForFunction(() => document.querySelector('canvas.cornerstone-canvas') !== null)
    await page.unroute('**/entries')
    const refusal = { code: 'workspace-failed', reason: 'The disk is full.', next: 'Free some space.' }
    await page.route('**/entries', (route) =>
      route.fulfill({ status: 503, contentType: 'application/json', body: JSON.stringify({ refusal }) }),
    )
    for (let index = 0; index < STROKES; index += 1) await stroke(page, STROKES + index)
    await page.getByText(/4 gestures are not on disk/).waitFor()
    await page.goBack()
    await page.getByRole('button', { name: /What needs you/ }).click()
    await page.getByText(/4.gestures of a reading that you left are not on disk yet/).waitFor()
    await visited.shoot('left-with-unsent')
    const asked = page.waitForEvent('dialog')
    const leaving = page.evaluate(() => {
      window.location.reload()
    })
    const dialog = await asked
    expect(dialog.type()).toBe('beforeunload')
    await dialog.dismiss()
    await leaving
    // Back in the reading they are there; then the disk has room.
    await page.keyboard.press('Escape')
    await page.goForward()
    await page.getByText(/4 gestures are not on disk/).waitFor()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText(/4 gestures are not on disk/).waitFor()
    // There is room again: the program finds out by itself.
    await page.unroute('**/entries')
    await arrived(2 * STROKES)
  })
})
