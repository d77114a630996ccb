import { dialog, ipcMain } from 'electron'
import type { BrowserWindow, IpcMainInvokeEvent } from 'electron'
import type { LibraryService } from '../services'

/**
 * Answers the two calls of the preload script. A picked path becomes a root: only a person at the dialog can open
 * the rest of the disk to the page. Calls of anything but the top frame of our page are refused.
 */
export function offerPickers(window: BrowserWindow, library: LibraryService, pageUrl: string): void {
  const pick = async (
    event: IpcMainInvokeEvent,
    properties: ('openDirectory' | 'openFile' | 'multiSelections')[],
  ): Promise<readonly string[]> => {
    const frame = event.senderFrame
    if (frame === null || frame !== window.webContents.mainFrame || !frame.url.startsWith(pageUrl)) {
      throw new Error('refused: not the page of Margin')
    }
    const picked = await dialog.showOpenDialog(window, { properties })
    const opened: string[] = []
    for (const path of picked.filePaths) {
      const root = await library.addRoot(path)
      if (root.ok) opened.push(root.value)
    }
    return opened
  }
  ipcMain.handle('margin:pick-folder', async (event) => (await pick(event, ['openDirectory'])).at(0) ?? null)
  ipcMain.handle('margin:pick-files', (event) => pick(event, ['openFile', 'multiSelections']))
}
