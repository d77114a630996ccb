import { contextBridge, ipcRenderer } from 'electron'

/** What a page cannot do itself: show the system's own dialogs. What was picked becomes a root of the library. */
contextBridge.exposeInMainWorld('margin', {
  pickFolder: (): Promise<unknown> => ipcRenderer.invoke('margin:pick-folder'),
  pickFiles: (): Promise<unknown> => ipcRenderer.invoke('margin:pick-files'),
})
