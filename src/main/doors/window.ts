import { join } from 'node:path'
import type { BrowserWindow, BrowserWindowConstructorOptions } from 'electron'

/** A window whose page has no more power than a page in a browser, but for the folder picker of the preload script. */
export function windowOptions(programDir: string): BrowserWindowConstructorOptions {
  return {
    title: 'Margin',
    width: 1440,
    height: 900,
    minWidth: 1024,
    minHeight: 640,
    backgroundColor: '#14171b',
    autoHideMenuBar: true,
    webPreferences: {
      preload: join(programDir, '..', 'preload', 'index.cjs'),
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

/** Keeps the window on its page: no other address, no second window, no permission, no request to anywhere else. */
export function confineWindow(window: BrowserWindow, pageUrl: string): void {
  const { webContents } = window
  const { session } = webContents
  webContents.on('will-navigate', (event) => {
    if (!event.url.startsWith(pageUrl)) event.preventDefault()
  })
  webContents.on('will-redirect', (event) => {
    event.preventDefault()
  })
  webContents.on('will-attach-webview', (event) => {
    event.preventDefault()
  })
  webContents.setWindowOpenHandler(() => ({ action: 'deny' }))
  window.on('page-title-updated', (event) => {
    event.preventDefault()
  })
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
