import { basename } from 'node:path'
import { dialog, ipcMain } from 'electron'
import type { BrowserWindow, IpcMainInvokeEvent } from 'electron'
import { z } from 'zod'
import type { LibraryService } from '../library/library-service'
import { lastFolder, noteFolder, noteRecent } from './recent'

/** Opening by path, which a browser cannot: the folder dialog, what was dropped on the window, a second start. */
export interface OpenedPaths {
  /** Opens paths that came from outside of the page and tells it to show them. */
  readonly open: (paths: readonly string[]) => Promise<void>
}

const Paths = z.array(z.string().min(1)).max(1000)

/**
 * Answers the preload script. What is opened becomes a root of the library, so only a person may name it: in a dialog, or
 * by dropping it, whose path the preload script asks of the system. Calls of anything but the top frame of our page are
 * refused. `onOpened` is told when the list of what was opened last has grown.
 */
export function acceptPaths(
  window: BrowserWindow,
  library: LibraryService,
  pageUrl: string,
  onOpened: () => void,
): OpenedPaths {
  const ourPage = (event: IpcMainInvokeEvent): void => {
    const frame = event.senderFrame
    if (frame === null || frame !== window.webContents.mainFrame || !frame.url.startsWith(pageUrl)) {
      throw new Error('refused: not the page of Margin')
    }
  }
  const addRoots = async (paths: readonly string[]): Promise<readonly string[]> => {
    const roots: string[] = []
    for (const path of paths) {
      const root = await library.addRoot(path)
      if (!root.ok) throw new Error(`${basename(path)}: ${root.refusal.reason}`)
      noteRecent(root.value)
      roots.push(root.value)
    }
    onOpened()
    return roots
  }
  ipcMain.handle('margin:pick-folder', async (event): Promise<string | null> => {
    ourPage(event)
    const from = lastFolder()
    const [path] = (
      await dialog.showOpenDialog(window, {
        properties: ['openDirectory'],
        ...(from === null ? {} : { defaultPath: from }),
      })
    ).filePaths
    if (path === undefined) return null
    noteFolder(path)
    return (await addRoots([path]))[0] ?? null
  })
  ipcMain.handle('margin:open-dropped', (event, paths: unknown) => {
    ourPage(event)
    return addRoots(Paths.parse(paths))
  })
  return {
    open: async (paths) => {
      if (paths.length === 0) return
      try {
        window.webContents.send('margin:open', await addRoots(paths))
      } catch (error) {
        dialog.showErrorBox('Margin cannot open this', error instanceof Error ? error.message : String(error))
      }
    },
  }
}
