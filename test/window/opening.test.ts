import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtProgram } from '../built'
import { freshWorkspace } from '../e2e/visit/launch'
import { electronProgram, freshSettings, openWindow } from '../e2e/visit/window'

/** What a person opens from outside of the page: a second start, the system's "open with", a folder dropped on it. */

/** A picture each, of one colour, as a portable anymap turned PNG by the program's own command is not needed: 1 x 1 GIF. */
const PICTURE = Buffer.from('R0lGODlhAQABAIAAAP///wAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64')
function folderWith(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'margin-opening-'))
  writeFileSync(join(folder, name), PICTURE)
  return folder
}

const settings = freshSettings()
let opened: Awaited<ReturnType<typeof openWindow>>
beforeAll(async () => {
  const argv = folderWith('by-argument.gif')
  opened = await openWindow({
    paths: [],
    demo: false,
    words: [argv],
    environment: { XDG_CONFIG_HOME: settings, MARGIN_WORKSPACE: freshWorkspace(), MARGIN_OPEN: undefined },
  })
})
afterAll(async () => {
  await opened.close()
})

test('a path among its words is opened, as a double click gives it, and its one case is shown', async () => {
  await opened.page.getByText('by-argument').first().waitFor({ timeout: 30_000 })
  await expect.poll(() => opened.page.url(), { timeout: 30_000 }).toContain('#/read/image/')
})

test('a second start shows its paths in the window that is there, and ends', async () => {
  const more = folderWith('by-second-start.gif')
  const second = spawn(electronProgram(), [join(builtProgram(), 'main', 'index.js'), '--no-sandbox', more], {
    env: { ...process.env, XDG_CONFIG_HOME: settings, MARGIN_OPEN: undefined },
    stdio: 'ignore',
  })
  const [code] = (await once(second, 'exit')) as unknown[]
  expect(code).toBe(0)
  await opened.page.getByText('by-second-start').first().waitFor({ timeout: 30_000 })
})

test('a file that the system hands over is opened', async () => {
  const path = join(folderWith('by-system.gif'), 'by-system.gif')
  await opened.application.evaluate(({ app }, file) => {
    app.emit('open-file', { preventDefault: () => undefined }, file)
  }, path)
  await opened.page.getByText('by-system').first().waitFor({ timeout: 30_000 })
})

const listed = (page: Page): Promise<string> =>
  page.evaluate(async () => (await fetch('/api/library')).text())

test('what is dropped is opened where it lies, not copied', async () => {
  const path = join(folderWith('by-drop.gif'), 'by-drop.gif')
  const { page } = opened
  const input = page.locator('input[data-pick="files"]')
  await input.setInputFiles(path)
  await page.getByText('by-drop').first().waitFor({ timeout: 30_000 })
  // Its name stands in the line of progress before it is opened.
  await expect.poll(() => listed(page), { timeout: 30_000 }).toContain(path)
})

test('a folder that is dropped on the page is opened where it lies', async () => {
  const folder = folderWith('by-folder.gif')
  const { page } = opened
  const driver = await page.context().newCDPSession(page)
  const data = { items: [], files: [folder], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await driver.send('Input.dispatchDragEvent', { type, x: 400, y: 300, data })
  await page.getByText('by-folder').first().waitFor({ timeout: 30_000 })
  // Its name stands in the line of progress before it is opened.
  await expect.poll(() => listed(page), { timeout: 30_000 }).toContain(folder)
})

test('its name is its own: settings lie in a folder that no other program has', () => {
  expect(existsSync(join(settings, 'Margin'))).toBe(true)
  expect(existsSync(join(settings, 'Electron'))).toBe(false)
})

test('a setting that makes no sense is told in a window, with the way out', async () => {
  const failed = await openWindow({
    paths: [],
    demo: false,
    environment: { MARGIN_DEVICE: 'abacus', MARGIN_WORKSPACE: freshWorkspace() },
  })
  await failed.page
    .getByText(/Margin did not start/)
    .first()
    .waitFor()
  expect(await failed.page.locator('body').innerText()).toContain('abacus')
  const gone = once(failed.application.process(), 'exit')
  await failed.application.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.close()
  })
  expect((await gone)[0]).toBe(1)
})

const root = process.getuid?.() === 0
test.skipIf(process.platform !== 'linux')(
  'without a display that works the browser opens instead, with a word',
  async () => {
    const cli = join(builtProgram(), 'main', 'cli.js')
    const child = spawn(process.execPath, [cli, 'open'], {
      env: {
        ...process.env,
        DISPLAY: ':4711',
        WAYLAND_DISPLAY: '',
        XDG_CONFIG_HOME: freshSettings(),
        MARGIN_WORKSPACE: freshWorkspace(),
        PATH: '/usr/bin:/bin',
        BROWSER: 'true',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let words = ''
    child.stderr.on('data', (chunk: Buffer) => {
      words += chunk.toString()
    })
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    expect(line.toString()).toContain('http://127.0.0.1:')
    expect(words).toMatch(root ? /root/ : /window does not open/)
    const ended = once(child, 'exit')
    child.kill('SIGINT')
    await ended
  },
)

const normalUser = 'nobody'
/** Chromium keeps its sandbox for those who are not root; the program must lie where they can read it. */
function cannotBeNobody(): string | null {
  if (process.platform !== 'linux' || !root) return 'this is no root that could be another user'
  for (const path of [electronProgram(), join(builtProgram(), 'main', 'index.js')]) {
    const can = spawnSync('runuser', ['-u', normalUser, '--', 'test', '-r', path]).status === 0
    if (!can) return `a normal user cannot read ${path}`
  }
  return null
}

test('as a normal user, with the sandbox of Chromium on, the built-in case is drawn', async (context) => {
  const reason = cannotBeNobody()
  if (reason !== null) context.skip(reason)
  // Not below the folder of this run, which belongs to us.
  const folder = mkdtempSync('/tmp/margin-user-')
  spawnSync('chown', [normalUser, folder])
  const program = join(folder, 'as-user')
  writeFileSync(
    program,
    `#!/bin/sh\nexec runuser -u ${normalUser} -- env HOME=${folder} TMPDIR=${folder} XDG_CONFIG_HOME=${folder}/settings MARGIN_WORKSPACE=${folder}/workspace '${electronProgram()}' "$@"\n`,
    { mode: 0o755 },
  )
  const own = await openWindow({ paths: [], demo: true, environment: {}, program, sandbox: true })
  await own.page.getByText('Nodule 1').first().click({ timeout: 120_000 })
  await own.page.getByText('100 samples drawn.', { exact: true }).waitFor({ timeout: 120_000 })
  expect(own.words()).not.toMatch(/sandbox/i)
  await own.close()
  rmSync(folder, { recursive: true, force: true })
})
