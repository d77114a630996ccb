import { beforeAll, expect, test, vi } from 'vitest'
import { createApp } from '../../../src/main/app/create-app'
import { findResources } from '../../../src/main/compose/resources'
import { openBrowserDoor } from '../../../src/main/doors/browser'
import { openElectronDoor } from '../../../src/main/doors/electron-door'
import { libraryInMemory, SERIES_UID, servicesInMemory } from '../services-in-memory'

/** What the door asked of Electron, recorded. Electron itself is not part of this test: its program is not everywhere. */
const recorded = vi.hoisted(() => {
  type Listener = (...args: unknown[]) => unknown
  const listeners = new Map<string, Listener>()
  const listen =
    (whose: string) =>
    (event: string, listener: Listener): void => {
      listeners.set(`${whose} ${event}`, listener)
    }
  const calls: { readonly name: string; readonly args: readonly unknown[] }[] = []
  const record =
    <T>(name: string, answer: T) =>
    (...args: unknown[]): T => {
      calls.push({ name, args })
      return answer
    }
  const session = {
    setSpellCheckerEnabled: record('setSpellCheckerEnabled', undefined),
    setSpellCheckerLanguages: record('setSpellCheckerLanguages', undefined),
    setSpellCheckerDictionaryDownloadURL: record('setSpellCheckerDictionaryDownloadURL', undefined),
    setPermissionRequestHandler: record('setPermissionRequestHandler', undefined),
    setPermissionCheckHandler: record('setPermissionCheckHandler', undefined),
    setDevicePermissionHandler: record('setDevicePermissionHandler', undefined),
    webRequest: { onBeforeRequest: record('onBeforeRequest', undefined) },
  }
  const mainFrame = { url: 'margin://app/' }
  const webContents = {
    session,
    mainFrame,
    on: listen('page'),
    send: record('send', undefined),
    setWebRTCIPHandlingPolicy: record('setWebRTCIPHandlingPolicy', undefined),
    setWindowOpenHandler: record('setWindowOpenHandler', undefined),
  }
  const picked: { filePaths: string[] } = { filePaths: [] }
  return { listeners, listen, calls, record, webContents, mainFrame, picked }
})

vi.mock('electron', () => ({
  app: {
    commandLine: { appendSwitch: recorded.record('appendSwitch', undefined) },
    requestSingleInstanceLock: recorded.record('requestSingleInstanceLock', true),
    whenReady: recorded.record('whenReady', Promise.resolve()),
    on: recorded.listen('app'),
    isPackaged: false,
    setName: recorded.record('setName', undefined),
    getPath: () => '/nowhere',
    getVersion: () => '0',
    getName: () => 'Margin',
    addRecentDocument: recorded.record('addRecentDocument', undefined),
    removeAllListeners: recorded.record('removeAllListeners', undefined),
    setAboutPanelOptions: recorded.record('setAboutPanelOptions', undefined),
    quit: recorded.record('quit', undefined),
    exit: recorded.record('exit', undefined),
  },
  BrowserWindow: class {
    webContents = recorded.webContents
    on = recorded.listen('window')
    once = recorded.listen('window once')
    loadURL = recorded.record('loadURL', Promise.resolve())
    isMinimized = () => true
    isDestroyed = () => false
    restore = recorded.record('restore', undefined)
    show = recorded.record('show', undefined)
    focus = recorded.record('focus', undefined)
    constructor(options: unknown) {
      recorded.record('BrowserWindow', undefined)(options)
    }
  },
  Menu: {
    buildFromTemplate: (template: unknown) => template,
    setApplicationMenu: recorded.record('setApplicationMenu', undefined),
  },
  nativeTheme: { themeSource: 'system' },
  protocol: {
    isProtocolHandled: () => true,
    registerSchemesAsPrivileged: recorded.record('registerSchemesAsPrivileged', undefined),
    handle: recorded.record('handle', undefined),
  },
  session: { defaultSession: recorded.webContents.session },
  screen: {
    getAllDisplays: () => [],
    getPrimaryDisplay: () => ({ workAreaSize: { width: 1280, height: 800 } }),
  },
  webUtils: { getPathForFile: (file: { readonly path: string }) => file.path },
  dialog: { showOpenDialog: () => Promise.resolve(recorded.picked) },
  ipcMain: { handle: recorded.listen('ipc'), on: recorded.listen('ipc') },
  contextBridge: { exposeInMainWorld: recorded.record('exposeInMainWorld', undefined) },
  ipcRenderer: {
    invoke: recorded.record('invoke', Promise.resolve('/picked')),
    send: recorded.record('tell', undefined),
    on: recorded.listen('preload'),
  },
}))

type Call = (...args: unknown[]) => unknown

/** The arguments that Electron was given under this name. */
const given = (name: string): readonly unknown[] =>
  recorded.calls.find((call) => call.name === name)?.args ?? []
/** A function that Electron was given, to be called as Electron would. */
const callback = (name: string, position: number): Call => given(name)[position] as Call
const listener = (name: string): Call => recorded.listeners.get(name) ?? (() => 'nobody listens')

const library = libraryInMemory()
let closed = 0
const services = servicesInMemory({
  library,
  close: () => {
    closed += 1
    return Promise.resolve()
  },
})
let opening: unknown

beforeAll(async () => {
  openElectronDoor({
    resources: findResources('/margin/out/main', {}, process.execPath),
    environment: { MARGIN_OPEN: JSON.stringify({ paths: ['/scans'], demo: false }) },
    services: (asked) => {
      opening = asked
      return Promise.resolve(services)
    },
  })
  await vi.waitFor(() => {
    expect(given('loadURL')).toEqual(['margin://app/'])
    // The page loads while the program behind it is put together.
    expect(recorded.listeners.has('ipc margin:pick-folder')).toBe(true)
    expect(recorded.listeners.has('app second-instance')).toBe(true)
  })
})

const throughElectron = (path: string, init: RequestInit = {}): Promise<Response> =>
  callback('handle', 1)(new Request(`margin://app${path}`, init)) as Promise<Response>

test('the page has no more power than in a browser', () => {
  expect(given('BrowserWindow')[0]).toMatchObject({
    title: 'Margin',
    webPreferences: {
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      webSecurity: true,
      spellcheck: false,
      preload: expect.stringMatching(/out.preload.index\.cjs$/) as string,
    },
  })
})

test('the scheme is a secure origin of its own, and no other was taken', () => {
  expect(given('registerSchemesAsPrivileged')[0]).toEqual([
    {
      scheme: 'margin',
      privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true },
    },
  ])
  expect(recorded.calls.filter((call) => call.name === 'handle').map((call) => call.args[0])).toEqual([
    'margin',
  ])
})

test('what the start command asked for is shown', () => {
  expect(opening).toEqual({
    paths: ['/scans'],
    demo: false,
    showsCase: false,
    workspace: null,
    accounts: false,
  })
})

test.each(['will-frame-navigate', 'will-redirect'])('%s to another address is stopped', (event) => {
  const preventDefault = vi.fn()
  listener(`page ${event}`)({ url: 'https://example.org/', preventDefault })
  listener(`page ${event}`)({ url: 'margin://elsewhere/', preventDefault })
  listener(`page ${event}`)({ url: 'margin://app/api/library', preventDefault })
  expect(preventDefault).toHaveBeenCalledTimes(3)
})

test('reloading the page itself is not stopped; embedding another one is', () => {
  const preventDefault = vi.fn()
  listener('page will-frame-navigate')({ url: 'margin://app/#read', preventDefault })
  expect(preventDefault).not.toHaveBeenCalled()
  listener('page will-attach-webview')({ preventDefault })
  expect(preventDefault).toHaveBeenCalledOnce()
})

test('no second window opens', () => {
  expect(callback('setWindowOpenHandler', 0)({ url: 'margin://app/' })).toEqual({ action: 'deny' })
})

test.each([
  'media',
  'geolocation',
  'notifications',
  'clipboard-read',
  'openExternal',
  'fullscreen',
  'hid',
  'usb',
])('the permission %s is refused', (permission) => {
  const answer = vi.fn()
  callback('setPermissionRequestHandler', 0)({}, permission, answer)
  expect(answer).toHaveBeenCalledExactlyOnceWith(false)
  expect(callback('setPermissionCheckHandler', 0)({}, permission)).toBe(false)
  expect(callback('setDevicePermissionHandler', 0)({})).toBe(false)
})

test.each([
  ['https://example.org/a.js', true],
  ['http://127.0.0.1:80/', true],
  ['ws://example.org/', true],
  ['file:///etc/passwd', true],
  ['margin://app/index.html', false],
  ['blob:margin://app/1', false],
  ['data:image/png;base64,', false],
])('a request of the page to %s: cancelled %s', (url, cancel) => {
  const answer = vi.fn()
  callback('onBeforeRequest', 0)({ url }, answer)
  expect(answer).toHaveBeenCalledExactlyOnceWith({ cancel })
})

test('requests of another origin or to another host of the scheme do not come in', async () => {
  const foreign = await throughElectron('/api/library', { headers: { 'sec-fetch-site': 'cross-site' } })
  expect(foreign.status).toBe(403)
  const elsewhere = (await callback('handle', 1)(new Request('margin://other/api/library'))) as Response
  expect(elsewhere.status).toBe(403)
})

test('a picked folder becomes a root and its path the answer; a dialog that was left answers null', async () => {
  const event = { senderFrame: recorded.mainFrame }
  recorded.picked.filePaths = ['/scans/one']
  expect(await listener('ipc margin:pick-folder')(event)).toBe('/scans/one')
  expect(library.roots()).toContain('/scans/one')
  recorded.picked.filePaths = []
  expect(await listener('ipc margin:pick-folder')(event)).toBeNull()
})

test.each([
  ['another frame', { url: 'margin://app/' }],
  ['a frame that is gone', null],
])('%s cannot open the dialogs', async (_name, senderFrame) => {
  recorded.picked.filePaths = ['/private']
  await expect(listener('ipc margin:pick-folder')({ senderFrame })).rejects.toThrow('refused')
  expect(library.roots()).not.toContain('/private')
})

test('dropped things are opened where they lie, and only for the page itself', async () => {
  const open = listener('ipc margin:open-dropped')
  expect(await open({ senderFrame: recorded.mainFrame }, ['/scans/two'])).toEqual(['/scans/two'])
  expect(library.roots()).toContain('/scans/two')
  expect(() => open({ senderFrame: null }, ['/private'])).toThrow('refused')
  expect(() => open({ senderFrame: recorded.mainFrame }, [7])).toThrow()
})

test('the preload script gives the page what a page cannot do itself, and nothing else', async () => {
  vi.stubGlobal('window', { addEventListener: () => undefined })
  await import('../../../src/preload')
  const [name, offered] = given('exposeInMainWorld') as [string, Record<string, Call>]
  expect(name).toBe('margin')
  expect(Object.keys(offered)).toEqual([
    'pickFolder',
    'openDropped',
    'tellUnsent',
    'tellProgress',
    'onOpen',
    'onCommand',
  ])
  expect(await offered['pickFolder']?.('more', 'arguments')).toBe('/picked')
  expect(given('invoke')).toEqual(['margin:pick-folder'])
  // What is no file of this computer has no path.
  await offered['openDropped']?.([{ path: '/scans/a.dcm' }, { path: '' }])
  expect(recorded.calls.filter((call) => call.name === 'invoke').at(-1)?.args).toEqual([
    'margin:open-dropped',
    ['/scans/a.dcm'],
  ])
})

test('a second start brings the window to the front', () => {
  listener('app second-instance')({}, [], '', null)
  expect(recorded.calls.map((call) => call.name)).toEqual(expect.arrayContaining(['restore', 'focus']))
})

const comparedHeaders = ['content-type', 'content-security-policy', 'etag', 'margin-pixels', 'cache-control']

test.each([
  ['/', undefined],
  ['/api/library', undefined],
  ['/api/status', undefined],
  [`/api/series/${SERIES_UID}/slices/1`, undefined],
  [`/api/series/${SERIES_UID}/thumbnail`, undefined],
  ['/api/series/none', undefined],
  ['/api/readings?seriesUid=1', undefined],
  ['/api/runs/r/fields?first=0&count=2', undefined],
  ['/api/nothing', undefined],
  ['/api/scans', { paths: ['/scans'] }],
  ['/api/runs', { target: { kind: 'image', imageId: 'i' }, modelId: null, samples: 1, seed: 1 }],
  ['/api/demo', {}],
])('%s gives the same answer through both doors', async (path, body) => {
  const init: RequestInit = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
  const electron = await throughElectron(path, init)
  const app = createApp(services)
  const door = await openBrowserDoor((request) => app.fetch(request), 0)
  if (!door.ok) throw new Error(door.refusal.reason)
  const entered = await fetch(door.value.url, { redirect: 'manual' })
  const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? ''
  const browser = await fetch(new URL(path, door.value.url), { ...init, headers: { cookie } })
  expect(browser.status).toBe(electron.status)
  for (const name of comparedHeaders) expect(browser.headers.get(name)).toBe(electron.headers.get(name))
  expect(new Uint8Array(await browser.arrayBuffer())).toEqual(new Uint8Array(await electron.arrayBuffer()))
  await door.value.close()
})

test('the program ends when its window closes, and first lets go what it laid down', async () => {
  listener('app window-all-closed')()
  expect(recorded.calls.some((call) => call.name === 'quit')).toBe(true)
  const preventDefault = vi.fn()
  listener('app will-quit')({ preventDefault })
  expect(preventDefault).toHaveBeenCalledOnce()
  await vi.waitFor(() => {
    expect(recorded.calls.some((call) => call.name === 'exit')).toBe(true)
  })
  expect(closed).toBe(1)
})
