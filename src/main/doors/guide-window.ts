import type { BrowserWindow, WindowOpenHandlerResponse } from 'electron'

/** The guide comes with the program and opens beside what is read: plain pages, without scripts or any power. */

const guideUrl = (pageUrl: string): string => `${pageUrl}guide/`

/** What the page may open: the guide, and nothing else. */
export function guideWindow(url: string, pageUrl: string): WindowOpenHandlerResponse {
  if (!url.startsWith(guideUrl(pageUrl))) return { action: 'deny' }
  return {
    action: 'allow',
    overrideBrowserWindowOptions: {
      title: 'Margin guide',
      width: 920,
      height: 860,
      autoHideMenuBar: true,
      backgroundColor: '#14171b',
      webPreferences: { sandbox: true, contextIsolation: true, nodeIntegration: false, javascript: false },
    },
  }
}

type GuideWindow = Pick<BrowserWindow, 'webContents' | 'removeMenu' | 'isDestroyed' | 'destroy'>

/** It stays among its own pages, and goes with the window that opened it. */
export function confineGuide(guide: GuideWindow, opener: BrowserWindow, pageUrl: string): void {
  const { webContents } = guide
  guide.removeMenu()
  webContents.on('will-frame-navigate', (event) => {
    if (!event.url.startsWith(guideUrl(pageUrl))) event.preventDefault()
  })
  webContents.setWindowOpenHandler(() => ({ action: 'deny' }))
  opener.on('closed', () => {
    if (!guide.isDestroyed()) guide.destroy()
  })
}
