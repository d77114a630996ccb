import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ElectronApplication } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { canTrace } from '../../scripts/setup/strace.js'
import { freshWorkspace, visitWindow } from '../e2e/visit/launch'
import type { Visit } from '../e2e/visit/launch'
import { electronProgram, openWindow } from '../e2e/visit/window'
import { socketsOf } from './processes'
import { linesOf, personalEnvironment, reachedOutside, traced, writtenOutside } from '../trace'

/** The page has the power of a page, and the window makes no way out of the computer. */

let visited: Visit
let application: ElectronApplication
beforeAll(async () => {
  ;({ visited, application } = await visitWindow({}))
  await visited.page.getByText('Margin').first().waitFor()
})
afterAll(async () => {
  await visited.close()
})

test('no second window opens', async () => {
  const opened = await visited.page.evaluate(() => window.open('margin://app/') === null)
  expect(opened).toBe(true)
})

test('permissions are refused, but that of copying text', async () => {
  const states = await visited.page.evaluate(async () => {
    const names = ['geolocation', 'camera', 'microphone', 'notifications', 'midi', 'clipboard-read']
    const asked = names.map(async (name) => {
      const { state } = await navigator.permissions.query({ name: name as PermissionName })
      return `${name} ${state}`
    })
    return Promise.all(asked)
  })
  for (const state of states) expect(state).toMatch(/ denied$/)
})

test('a peer connection finds no way out', async () => {
  const candidates = await visited.page.evaluate(async () => {
    const peer = new RTCPeerConnection({ iceServers: [{ urls: 'stun:192.0.2.1:3478' }] })
    peer.createDataChannel('x')
    const found: string[] = []
    peer.onicecandidate = ({ candidate }) => {
      if (candidate !== null && candidate.candidate !== '') found.push(candidate.candidate)
    }
    await peer.setLocalDescription(await peer.createOffer())
    await new Promise((next) => setTimeout(next, 2_000))
    peer.close()
    return found.filter((each) => / udp /i.test(each))
  })
  expect(candidates).toEqual([])
})

/** Ports on which this process or one of its children listens: inodes of its sockets among those that listen. */
test.skipIf(process.platform !== 'linux')('no port listens but those of the driver', () => {
  // Playwright brings its own two: Node's inspector and Chromium's debugger.
  const ofDriver = 2
  const listening = ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${visited.pid}/net/${table}`, 'utf8')
      .split('\n')
      .filter((line) => / 0A /.test(line))
      .map((line) => line.trim().split(/\s+/)[9] ?? ''),
  )
  const own = socketsOf(visited.pid).filter((inode) => listening.includes(inode))
  expect(new Set(own).size).toBe(ofDriver)
})

/** Asked of the window itself: the driver waits for ever for a navigation that is stopped. */
test.each([
  ['an address of the application that is no page', 'margin://app/api/library'],
  ['another site', 'https://example.org/'],
  ['a file', 'file:///etc/hostname'],
  ['nothing', 'about:blank'],
])('the window does not go to %s', async (_what, address) => {
  const shown = await application.evaluate(async ({ BrowserWindow }, to) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents
    if (contents === undefined) return []
    await contents.executeJavaScript(`window.location.href = ${JSON.stringify(to)}; true`)
    await new Promise((next) => setTimeout(next, 1_500))
    return [contents.getURL(), await contents.executeJavaScript('document.title')] as string[]
  }, address)
  expect(shown[0]?.split('#')[0]).toBe('margin://app/')
  expect(shown[1]).toBe('Margin')
})

const absent = canTrace() ? '' : ': skipped, strace is not to be used here'
/** The uploader of ONNX Runtime first asked after five to twenty seconds, the spelling checker at once. */
const WATCH_MS = 25_000

test.skipIf(absent !== '')(`the window stays on the computer while a person reads${absent}`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'margin-private-'))
  const [home = '', tmp = '', settings = ''] = ['home', 'tmp', 'settings'].map((name) => join(folder, name))
  for (const path of [home, tmp, settings]) mkdirSync(path)
  const workspace = freshWorkspace()
  const log = join(folder, 'calls.txt')
  const program = join(folder, 'traced')
  const words = traced(log)([electronProgram()]).map((word) => `'${word}'`)
  writeFileSync(program, `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`, { mode: 0o755 })
  const opened = await openWindow({
    paths: [],
    demo: true,
    program,
    environment: {
      ...personalEnvironment(home, tmp),
      XDG_CONFIG_HOME: settings,
      MARGIN_WORKSPACE: workspace,
    },
  })
  const startedMs = performance.now()
  const { page } = opened
  await page.getByText('Nodule 1').first().click({ timeout: 120_000 })
  await page.getByText('100 samples drawn.', { exact: true }).waitFor({ timeout: 120_000 })
  await page.waitForTimeout(Math.max(0, WATCH_MS - (performance.now() - startedMs)))
  const pid = opened.application.process().pid ?? 0
  await opened.close()
  const lines = await linesOf(log, pid)
  expect(reachedOutside(lines)).toEqual([])
  const named = [
    tmp,
    workspace,
    join(settings, 'Margin'),
    join(home, '.cache', 'fontconfig'),
    join(home, '.cache', 'dconf'),
    '/var/cache/fontconfig',
  ]
  expect(writtenOutside(lines, named)).toEqual([])
})
