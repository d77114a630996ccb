import { BrowserWindow, dialog, ipcMain } from 'electron'
import type { BrowserWindowConstructorOptions } from 'electron'
import type { Resources } from '../compose/resources'
import { endsAtOnce } from './ending'
import { confineGuide, guideWindow } from './guide-window'
import { offerTextMenu } from './menu'
import { keepPlace, lastPlace } from './window-place'

/** A window whose page has no more power than a page in a browser, but for what the preload script offers. */
function windowOptions({ icon, preload }: Resources): BrowserWindowConstructorOptions {
  return {
    title: 'Margin',
    icon,
    ...lastPlace(),
    minWidth: 1024,
    minHeight: 640,
    backgroundColor: '#14171b',
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      webSecurity: true,
      // The spelling checker would fetch its dictionaries from the internet.
      spellcheck: false,
    },
  }
}

/** The one window, not yet loaded. */
export function openMainWindow(resources: Resources, pageUrl: string): BrowserWindow {
  const window = new BrowserWindow(windowOptions(resources))
  confineWindow(window, pageUrl)
  askBeforeLosing(window)
  comeBack(window, pageUrl)
  offerTextMenu(window)
  keepPlace(window)
  return window
}

/** Keeps the window on its page: no other address, no second window but the guide, no permission, no request to anywhere else. */
function confineWindow(window: BrowserWindow, pageUrl: string): void {
  const { webContents } = window
  const { session } = webContents
  /** The page itself, whatever its fragment says; what the application answers under other addresses is no page. */
  const isPage = (address: string): boolean => address === pageUrl || address.startsWith(`${pageUrl}#`)
  webContents.on('will-frame-navigate', (event) => {
    if (!isPage(event.url)) event.preventDefault()
  })
  webContents.on('will-redirect', (event) => {
    event.preventDefault()
  })
  // about:blank asks nobody before it appears.
  webContents.on('did-navigate', (_event, address) => {
    if (!isPage(address)) void window.loadURL(pageUrl)
  })
  webContents.on('will-attach-webview', (event) => {
    event.preventDefault()
  })
  webContents.setWindowOpenHandler(({ url }) => guideWindow(url, pageUrl))
  webContents.on('did-create-window', (guide) => {
    confineGuide(guide, window, pageUrl)
  })
  webContents.setWebRTCIPHandlingPolicy('disable_non_proxied_udp')
  // Copying the line that repeats a run is the one thing that the page may ask for.
  const granted = 'clipboard-sanitized-write'
  session.setPermissionRequestHandler((_contents, permission, answer) => {
    answer(permission === granted)
  })
  session.setPermissionCheckHandler((_contents, permission) => permission === granted)
  session.setDevicePermissionHandler(() => false)
  session.webRequest.onBeforeRequest((request, answer) => {
    answer({ cancel: !/^(margin|blob|data|devtools):/.test(request.url) })
  })
}

/** The page holds the window while gestures are not on disk; the person decides, knowing how many. */
function askBeforeLosing(window: BrowserWindow): void {
  let unsent = 0
  ipcMain.on('margin:unsent', (event, count: unknown) => {
    if (event.senderFrame === window.webContents.mainFrame && typeof count === 'number') unsent = count
  })
  window.webContents.on('will-prevent-unload', (event) => {
    if (endsAtOnce()) {
      event.preventDefault()
      return
    }
    const gestures = unsent === 1 ? '1 gesture is' : `${unsent} gestures are`
    const answer = dialog.showMessageBoxSync(window, {
      type: 'warning',
      message: `${gestures} not saved yet.`,
      detail: 'Margin is still trying. Leaving now loses them; staying lets them be saved, or exported.',
      buttons: ['Stay', 'Leave'],
      defaultId: 0,
      cancelId: 0,
    })
    if (answer === 1) event.preventDefault()
  })
}

/** More than these in the time below, and the page is broken rather than unlucky. */
const MAX_RETURNS = 3
const RETURNS_WITHIN_MS = 60_000

/** A page whose process was killed comes back; readings are on disk. */
function comeBack(window: BrowserWindow, pageUrl: string): void {
  const returns: number[] = []
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit' || window.isDestroyed()) return
    const now = performance.now()
    returns.push(now)
    const recent = returns.filter((at) => now - at < RETURNS_WITHIN_MS).length
    process.stderr.write(`The page ended (${reason}) and is opened again.\n`)
    if (recent <= MAX_RETURNS) {
      setImmediate(() => void window.loadURL(pageUrl))
      return
    }
    dialog.showErrorBox(
      'The page of Margin ends again and again',
      'What was acknowledged is on disk. Start Margin again; "margin doctor" says what this computer has.',
    )
    window.destroy()
  })
}
