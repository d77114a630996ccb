import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ElectronApplication } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { visitWindow } from '../e2e/visit/launch'
import type { Visit } from '../e2e/visit/launch'
import { chooseMenu } from './menu-bar'

/** What a person clicks in a menu does what it says: cut, copy and paste of text, and readings as files. */

let visited: Visit
let application: ElectronApplication
beforeAll(async () => {
  ;({ visited, application } = await visitWindow({ args: ['--demo'] }))
  await visited.page.getByText('Nodule 1').first().waitFor({ timeout: 120_000 })
  // A menu holds the program while it is open; here it is kept, to be clicked by the test.
  await application.evaluate(({ Menu }) => {
    Menu.prototype.popup = function keep(this: unknown) {
      Object.assign(globalThis, { popped: this })
    }
  })
})
afterAll(async () => {
  await visited.close()
})

interface Popped {
  readonly items: readonly {
    readonly role?: string | null
    readonly enabled: boolean
    readonly click: unknown
  }[]
}
/** Roles of the menu that came up last, those that can be chosen; it is forgotten. */
const offered = (): Promise<readonly string[]> =>
  application.evaluate(() => {
    const { items } = (Reflect.get(globalThis, 'popped') ?? { items: [] }) as Popped
    return items.flatMap(({ role, enabled }) => (role && enabled ? [role.toLowerCase()] : []))
  })
const chooseRole = (wanted: string): Promise<void> =>
  application.evaluate(({ BrowserWindow }, role) => {
    const window = BrowserWindow.getAllWindows()[0]
    const { items } = Reflect.get(globalThis, 'popped') as Popped
    const item = items.find((each) => each.role?.toLowerCase() === role)
    ;(item?.click as (event: object, window: unknown, contents: unknown) => void)(
      {},
      window,
      window?.webContents,
    )
  }, wanted)
const clipboardText = (): Promise<string> => application.evaluate(({ clipboard }) => clipboard.readText())

test('text in a field is pasted, marked and cut by the menu of the right button', async () => {
  const { page } = visited
  await chooseMenu(application, 'go-library')
  const field = page.getByRole('searchbox', { name: 'Find a series' })
  await application.evaluate(async ({ clipboard }) => {
    await clipboard.writeText('MARGIN-PHANTOM')
  })
  await field.click()
  await field.click({ button: 'right' })
  await expect.poll(offered).toEqual(expect.arrayContaining(['paste']))
  await chooseRole('paste')
  await expect.poll(() => field.inputValue()).toBe('MARGIN-PHANTOM')
  await field.click({ button: 'right' })
  await expect.poll(offered).toEqual(expect.arrayContaining(['selectall']))
  await chooseRole('selectall')
  await application.evaluate(({ clipboard }) => {
    clipboard.clear()
  })
  await field.click({ button: 'right' })
  await expect.poll(offered).toEqual(expect.arrayContaining(['cut', 'copy']))
  await chooseRole('cut')
  await expect.poll(() => field.inputValue()).toBe('')
  expect(await clipboardText()).toBe('MARGIN-PHANTOM')
})

test('where no text is, and none is marked, no menu of text comes up', async () => {
  await application.evaluate(() => {
    Reflect.deleteProperty(globalThis, 'popped')
  })
  await visited.page.getByText('Opened', { exact: true }).click({ button: 'right' })
  await new Promise((next) => setTimeout(next, 300))
  expect(await offered()).toEqual([])
})

test('Export Readings leads to the readings side by side, whose ZIP is saved', async () => {
  const { page } = visited
  await page.getByText('MARGIN-PHANTOM').first().click()
  await page.getByText('Nodule 1').first().waitFor()
  await chooseMenu(application, 'export-readings')
  const section = page.getByRole('region', { name: 'Export' })
  await section.waitFor()
  const { name } = await visited.download(() => section.getByRole('button', { name: 'Save a ZIP' }).click())
  expect(name).toMatch(/\.zip$/)
  await section.getByText(/was written, re-read and found equal/).waitFor()
  // The mark of a ZIP's first entry.
  await expect
    .poll(() => readFileSync(join(tmpdir(), 'given')).subarray(0, 4).toString('latin1'))
    .toBe('PK\u0003\u0004')
})
