import { ipcMain } from 'electron'
import type { BrowserWindow } from 'electron'
import { z } from 'zod'

const Progress = z.number().min(0).max(1).nullable()
/** Takes the bar away. */
const NONE = -1

/** What the page waits for shows on its button in the task bar too, for those who went on to something else. */
export function showProgress(window: BrowserWindow): void {
  ipcMain.on('margin:progress', (event, told: unknown) => {
    const fraction = Progress.safeParse(told)
    if (event.senderFrame !== window.webContents.mainFrame || !fraction.success) return
    window.setProgressBar(fraction.data ?? NONE)
  })
}
