import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshWorkspace } from '../e2e/visit/launch'
import { freshSettings, openWindow } from '../e2e/visit/window'
import type { Window, WindowOptions } from '../e2e/visit/window'
import { chooseMenu } from './menu-bar'
import { shootScreen } from './screen-shot'

/** The window as a program of a desktop: its menus, title, icon, progress, and what it remembers. */

const PICTURE = Buffer.from('R0lGODlhAQABAIAAAP///wAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64')
const folder = mkdtempSync(join(tmpdir(), 'margin-menus-'))
writeFileSync(join(folder, 'by-menu.gif'), PICTURE)
const settings = freshSettings()
const open = (options: Partial<WindowOptions>): Promise<Window> =>
  openWindow({
    paths: [],
    demo: false,
    environment: { XDG_CONFIG_HOME: settings, MARGIN_WORKSPACE: freshWorkspace() },
    ...options,
  })

let opened: Window
beforeAll(async () => {
  opened = await open({})
  await opened.page.getByText('Open the built-in case').first().waitFor()
  await opened.application.evaluate(({ BrowserWindow }) => {
    const shown: number[] = []
    Object.assign(globalThis, { shown })
    const window = BrowserWindow.getAllWindows()[0]
    if (window !== undefined) window.setProgressBar = (fraction: number) => void shown.push(fraction)
  })
})
afterAll(async () => {
  await opened.close()
})

/** Labels of the menu bar, by menu. */
const menus = (): Promise<Record<string, string[]>> =>
  opened.application.evaluate(({ Menu }) =>
    Object.fromEntries(
      (Menu.getApplicationMenu()?.items ?? []).map((menu) => [
        menu.label.replace('&', ''),
        (menu.submenu?.items ?? []).map((item) => item.label).filter((label) => label !== ''),
      ]),
    ),
  )
const choose = (id: string): Promise<void> => chooseMenu(opened.application, id)
const titleOf = (): Promise<string> =>
  opened.application.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getTitle() ?? '')

test('what a desktop program has stands in its menus', async () => {
  const found = await menus()
  expect(Object.keys(found)).toEqual(['File', 'Edit', 'View', 'Window', 'Help'])
  expect(found['File']).toEqual(expect.arrayContaining(['Open Folder…', 'Open Recent', 'Export Readings…']))
  expect(found['View']).toEqual(expect.arrayContaining(['Zoom In', 'Larger Text', 'Toggle Full Screen']))
  expect(found['Help']).toEqual(['Guide', 'Keyboard Help', 'What Needs You', 'Licences', 'About Margin'])
})

test('a folder picked in the dialog is in the list of recent ones, and the dialog comes back to its place', async () => {
  const { application, page } = opened
  await application.evaluate(({ dialog }, path) => {
    const asked: unknown[] = []
    Object.assign(globalThis, { asked })
    dialog.showOpenDialog = ((_window: unknown, options: unknown) => {
      asked.push(options)
      return Promise.resolve({ canceled: false, filePaths: [path] })
    }) as typeof dialog.showOpenDialog
  }, folder)
  await choose('open-folder')
  // The only case of its folder: it is shown at once.
  await expect.poll(() => page.url(), { timeout: 30_000 }).toContain('#/read/image/')
  await choose('open-folder')
  const asked = (): Promise<{ defaultPath?: string }[]> =>
    application.evaluate(() => Reflect.get(globalThis, 'asked') as { defaultPath?: string }[])
  await expect.poll(async () => (await asked()).length).toBe(2)
  expect((await asked())[1]?.defaultPath).toBe(tmpdir())
  const recent = await application.evaluate(({ Menu }) =>
    (Menu.getApplicationMenu()?.getMenuItemById('recent')?.submenu?.items ?? []).map(({ label }) => label),
  )
  expect(recent[0]).toContain(folder.split('/').at(-1))
})

test('the task bar showed how far the scans were, and nothing afterwards', async () => {
  const { application } = opened
  const shown = (): Promise<number[]> =>
    application.evaluate(() => Reflect.get(globalThis, 'shown') as number[])
  const during = (fraction: number): boolean => fraction >= 0 && fraction <= 1
  await expect.poll(async () => (await shown()).some(during)).toBe(true)
  await expect.poll(async () => (await shown()).at(-1)).toBe(-1)
})

test('the title says what is read; whom it is of only where that was asked for', async () => {
  const { page } = opened
  await page.getByRole('button', { name: 'Library', exact: true }).click()
  await page.getByRole('button', { name: /^by-menu/ }).click()
  await expect.poll(titleOf).toMatch(/^photograph, eye not stated · .* · Margin$/)
  expect(await titleOf()).not.toContain('by-menu')
  await choose('title-patient')
  await expect.poll(titleOf).toMatch(/^by-menu/)
  await choose('title-patient')
  await expect.poll(titleOf).toMatch(/^photograph/)
})

test('about says version, models with their licences, and what the computer has', async () => {
  const { page } = opened
  await choose('about')
  const sheet = page.getByRole('dialog')
  await sheet.getByText(/^Margin \d/).waitFor()
  await sheet.getByText(/^ONNX Runtime/).waitFor()
  expect(await sheet.innerText()).toMatch(/lidc-cflow-planar[\s\S]*Apache-2\.0/)
  // No graphics card is here, so one device draws, and each of the others says what it would take.
  await sheet.getByText(/^Device: Processor/).waitFor({ timeout: 60_000 })
  const devices = (await sheet.getByRole('list').last().innerText()).replaceAll(/\s+/g, ' ')
  expect(devices).toMatch(/Device: Processor repeats the golden run/)
  expect(devices).toMatch(/Device: WebGPU (not used: .* install its driver|repeats the golden run, \d+ ms)/)
  await shootScreen('about')
  await page.keyboard.press('Escape')
})

test('the guide opens beside the page, without a connection, and goes nowhere else', async () => {
  const { application } = opened
  const [guide] = await Promise.all([application.waitForEvent('window'), choose('guide')])
  await guide.getByRole('link', { name: 'Reading a CT' }).click()
  await guide.getByRole('heading', { level: 1, name: 'Reading a CT' }).waitFor()
  const pictures = await guide.locator('img').all()
  expect(pictures.length).toBeGreaterThan(0)
  for (const picture of pictures)
    await expect
      .poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth))
      .toBeGreaterThan(0)
  await shootScreen('guide')
  expect(await guide.evaluate(() => 'margin' in window)).toBe(false)
  // The driver waits for ever for a navigation that is stopped.
  const moved = guide.evaluate(() => {
    window.location.href = 'margin://app/'
  })
  await Promise.race([moved.catch(() => undefined), new Promise((next) => setTimeout(next, 1_000))])
  const address = await application.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()
      .map((each) => each.webContents.getURL())
      .find((url) => url.includes('/guide/')),
  )
  expect(address).toBe('margin://app/guide/reading-a-ct.html')
  await choose('licences')
  await guide.getByText(/^pinia \d/).waitFor()
  await guide.close()
})

test('marking all is for text: elsewhere Ctrl A marks nothing', async () => {
  const { page } = opened
  await choose('go-library')
  await page.getByText('Opened', { exact: true }).waitFor()
  const marked = (): Promise<string> => page.evaluate(() => window.getSelection()?.toString() ?? '')
  await page.keyboard.press('Control+a')
  expect(await marked()).toBe('')
  const field = page.getByRole('searchbox', { name: 'Find a series' })
  await field.fill('by')
  await page.keyboard.press('Control+a')
  await page.keyboard.type('nothing')
  expect(await field.inputValue()).toBe('nothing')
  await field.fill('')
})

test('the window comes back where it was', async () => {
  const place = { x: 60, y: 40, width: 1200, height: 800 }
  await opened.application.evaluate(({ BrowserWindow }, to) => {
    BrowserWindow.getAllWindows()[0]?.setBounds(to)
  }, place)
  await opened.close()
  opened = await open({})
  const bounds = await opened.application.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.getBounds(),
  )
  expect(bounds).toEqual(place)
  const recent = await opened.application.evaluate(({ Menu }) => {
    const item = Menu.getApplicationMenu()?.getMenuItemById('recent')
    return item?.submenu?.items.length ?? 0
  })
  expect(recent).toBe(3)
})
