import { contextBridge, ipcRenderer } from 'electron'

/** What a page cannot do itself: name a folder of this computer. What was picked becomes a root of the library. */
contextBridge.exposeInMainWorld('margin', {
  pickFolder: (): Promise<unknown> => ipcRenderer.invoke('margin:pick-folder'),
})
