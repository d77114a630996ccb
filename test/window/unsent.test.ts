import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { visitWindow } from '../e2e/visit/launch'
import { absent, testDataDir } from '../test-data'

/** Closing while gestures are not on disk asks, and says how many. */

const eye = join(testDataDir, 'retina', 'chase', 'Image_08L.jpg')
const missing = absent('retina/chase/Image_08L.jpg')

test.skipIf(missing !== null)('stay keeps the window and the gesture, leave closes it', async () => {
  const { visited, application } = await visitWindow({ args: [eye] })
  const { page } = visited
  await page
    .getByRole('button', { name: /^Read blind: / })
    .first()
    .click()
  await page.getByText('nothing outlined yet').waitFor()
  await page.waitForFunction(() => document.querySelector('canvas.cornerstone-canvas') !== null)
  await visited.cutOff('/entries')
  const box = await page.locator('.stage').first().boundingBox()
  const middle = { x: (box?.x ?? 0) + (box?.width ?? 0) / 2, y: (box?.y ?? 0) + (box?.height ?? 0) / 2 }
  await page.mouse.move(middle.x - 40, middle.y)
  await page.mouse.down()
  await page.mouse.move(middle.x + 40, middle.y + 20, { steps: 6 })
  await page.mouse.up()
  await page.getByText(/1 gesture is not on disk/).waitFor()

  const answers = (button: number): Promise<void> =>
    application.evaluate(({ dialog }, chosen) => {
      const asked: string[] = []
      dialog.showMessageBoxSync = ((_window: unknown, options: { message: string; buttons: string[] }) => {
        asked.push(`${options.message} ${options.buttons.join('/')}`)
        return chosen
      }) as typeof dialog.showMessageBoxSync
      Object.assign(globalThis, { asked })
    }, button)
  const tryToClose = (): Promise<void> =>
    application.evaluate(({ BrowserWindow }) => {
      BrowserWindow.getAllWindows()[0]?.close()
    })

  await answers(0)
  await tryToClose()
  await expect
    .poll(() => application.evaluate(() => Reflect.get(globalThis, 'asked') as string[]))
    .toEqual(['1 gesture is not saved yet. Stay/Leave'])
  expect(await page.getByText(/1 gesture is not on disk/).count()).toBeGreaterThan(0)

  await answers(1)
  const gone = once(application.process(), 'exit')
  await tryToClose()
  await gone
})
