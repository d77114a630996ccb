import { expect, test } from 'vitest'
import { lidcSeries } from '../fixtures/lidc-series'
import { skipsWithout } from '../test-data'
import { freshWorkspace, launchChromium, shoot, startServer } from './visit/launch'
import { addRater, PASSWORD, signIn, visitor } from './visit/raters'

/** A stroke that is not on the disk is lost to nobody who leaves, nor to who comes next, without a word. */

const isSkipped = skipsWithout('lidc/LIDC-IDRI-0001.tar.xz', 'a stroke that waits')

test.skipIf(isSkipped)(
  'a stroke that waits holds the sign-out and is told where one signs in',
  async () => {
    const workspace = freshWorkspace()
    addRater(workspace, 'Owner', '--owner')
    addRater(workspace, 'Reader 1')
    const args = ['--accounts', '--workspace', workspace, lidcSeries() ?? '']
    let server = await startServer(args)
    const { port } = new URL(server.origin)
    const browser = await launchChromium()
    try {
      const page = await visitor(browser, [])
      await signIn(page, server.origin, 'Reader 1')
      await page.getByText('LIDC-IDRI-0001').first().click()
      await page.getByRole('button', { name: 'Read blind' }).first().click()
      await page.getByText('undo ends here').waitFor()
      await page.waitForFunction(() => document.querySelector('canvas.cornerstone-canvas') !== null)
      await page.waitForLoadState('networkidle')
      await page.route('**/entries', (route) => route.abort())
      const box = await page.locator('.field').first().boundingBox()
      if (box === null) throw new Error('the image is not on screen')
      await page.mouse.move(box.x + 300, box.y + 300)
      await page.mouse.down()
      await page.mouse.move(box.x + 380, box.y + 320, { steps: 6 })
      await page.mouse.up()
      await page
        .getByText(/not on disk/)
        .first()
        .waitFor()
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByText(/1.gesture waits in this page alone/).waitFor()
      await shoot(page, 'waiting-sign-out')
      await page.getByRole('button', { name: 'Stay signed in' }).click()

      await server.stop()
      server = await startServer(['--port', port, ...args])
      await page.getByText(/1.gesture of Reader 1 is not on disk yet/).waitFor({ timeout: 40_000 })
      await page.getByLabel('Name').fill('Owner')
      await page.getByLabel('Password').fill(PASSWORD)
      await shoot(page, 'waiting-sign-in')
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      // Not ticked, so nobody came in over it.
      expect(await page.getByText(/Sign in all the same: 1.gesture of Reader 1/).isVisible()).toBe(true)
      await page.unroute('**/entries')
      await page.getByLabel('Name').fill('Reader 1')
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await page
        .getByText(/Brush .*slice/)
        .first()
        .waitFor()
      await expect.poll(() => page.getByText(/not on disk/).count(), { timeout: 20_000 }).toBe(0)
      await page.reload()
      await page
        .getByText(/Brush .*slice/)
        .first()
        .waitFor()
    } finally {
      await browser.close()
      await server.stop()
    }
  },
  120_000,
)
