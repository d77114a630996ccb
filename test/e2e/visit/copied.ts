import type { Page } from 'playwright-core'

/** The text that a button of this name puts on the clipboard, whatever the browser lets a page copy. */
export async function copiedBy(page: Page, name: string): Promise<string> {
  await page.evaluate(() => {
    navigator.clipboard.writeText = (text) => {
      Object.assign(window, { copiedText: text })
      return Promise.resolve()
    }
  })
  await page.getByRole('button', { name, exact: true }).click()
  return page.evaluate(() => String(Reflect.get(window, 'copiedText')))
}
