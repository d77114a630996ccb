import { createServer } from 'node:net'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Page } from 'playwright-core'
import { SERIES, writeSeries } from '../fixtures/made-up-ct'
import { freshWorkspace, launchChromium, shoot, startServer } from './visit/launch'

/** A page that was open while the program was killed and started again loses nothing, and goes on once it is let in. */

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

async function ruler(page: Page, row: number): Promise<void> {
  const box = await page.locator('.field').first().boundingBox()
  if (box === null) throw new Error('the image is not on screen')
  const y = box.y + box.height * row
  await page.mouse.move(box.x + box.width * 0.4, y)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * 0.5, y, { steps: 5 })
  await page.mouse.up()
}

test('what was measured while it was away is kept and sent, and what the command named is open again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'margin-named-'))
  writeSeries(folder, SERIES.seriesUid)
  const args = [folder, '--port', String(await freePort())]
  const environment = { MARGIN_WORKSPACE: freshWorkspace() }
  const first = await startServer(args, environment)
  const started = [first]
  const browser = await launchChromium()
  try {
    const context = await browser.newContext({
      viewport: { width: 1440, height: 900 },
      reducedMotion: 'reduce',
    })
    const page = await context.newPage()
    await page.goto(first.url)
    await page.getByText(SERIES.patientId).first().click()
    await page
      .getByText(/slice \d \/ 4/)
      .first()
      .waitFor()
    const list = page.getByRole('region', { name: 'Measurements' })
    await page.keyboard.press('m')
    await ruler(page, 0.4)
    await list.getByText('Ruler 1').waitFor()
    await list.getByText('1', { exact: true }).waitFor()

    await first.kill()
    await ruler(page, 0.6)
    await list.getByText('Ruler 2').waitFor()
    await list.getByText(/1.step is not on disk. Margin does not answer./).waitFor()
    await list.getByRole('button', { name: 'Save a copy' }).waitFor()
    await shoot(page, 'measured-away')

    const second = await startServer(args, environment)
    started.push(second)
    // Another door: the page is not known there, and shows what it holds until it is.
    await list.getByText(/does not know this browser yet/).waitFor({ timeout: 40_000 })
    await list.getByText('Ruler 2').waitFor()
    await shoot(page, 'measured-unknown')
    const asked = page.waitForEvent('dialog')
    const leaving = page.evaluate(() => {
      window.location.reload()
    })
    const dialog = await asked
    expect(dialog.type()).toBe('beforeunload')
    await dialog.dismiss()
    await leaving

    // Let in through another tab, both go on with what the command named.
    const tab = await context.newPage()
    await tab.goto(second.url.replace(/#.*$/, ''))
    await page.bringToFront()
    await list.getByText('2', { exact: true }).waitFor({ timeout: 40_000 })
    await page
      .getByText(/slice \d \/ 4/)
      .first()
      .waitFor()
    await page.reload()
    await list.getByText('Ruler 2').waitFor()
    await page.getByRole('button', { name: 'Library', exact: true }).click()
    await page.getByText(SERIES.patientId).first().waitFor()
    await shoot(page, 'measured-again')
  } finally {
    await browser.close()
    for (const server of started) await server.stop()
  }
})
