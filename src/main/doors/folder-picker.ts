import { dialog, ipcMain } from 'electron'
import type { BrowserWindow } from 'electron'
import type { LibraryService } from '../library/library-service'

/**
 * Answers the call of the preload script. The picked folder becomes a root: only a person at the dialog can open the
 * rest of the disk to the page. Calls of anything but the top frame of our page are refused.
 */
export function offerFolderPicker(window: BrowserWindow, library: LibraryService, pageUrl: string): void {
  ipcMain.handle('margin:pick-folder', async (event): Promise<string | null> => {
    const frame = event.senderFrame
    if (frame === null || frame !== window.webContents.mainFrame || !frame.url.startsWith(pageUrl)) {
      throw new Error('refused: not the page of Margin')
    }
    const [path] = (await dialog.showOpenDialog(window, { properties: ['openDirectory'] })).filePaths
    if (path === undefined) return null
    const root = await library.addRoot(path)
    if (!root.ok) throw new Error(root.refusal.reason)
    return root.value
  })
}
