import { contextBridge, ipcRenderer, webUtils } from 'electron'

/** What a page cannot do itself: name things of this computer, and be told what its window was asked. */
contextBridge.exposeInMainWorld('margin', {
  pickFolder: (): Promise<unknown> => ipcRenderer.invoke('margin:pick-folder'),
  /** The system says where dropped things lie; the page cannot make up a File of a place. */
  openDropped: (files: readonly File[]): Promise<unknown> =>
    ipcRenderer.invoke(
      'margin:open-dropped',
      files.map((file) => webUtils.getPathForFile(file)).filter((path) => path !== ''),
    ),
  tellUnsent: (count: number): void => {
    ipcRenderer.send('margin:unsent', count)
  },
  tellProgress: (fraction: number | null): void => {
    ipcRenderer.send('margin:progress', fraction)
  },
  onOpen: (listener: (paths: unknown) => void): void => {
    ipcRenderer.on('margin:open', (_event, paths: unknown) => {
      listener(paths)
    })
  },
  onCommand: (listener: (id: unknown) => void): void => {
    ipcRenderer.on('margin:command', (_event, id: unknown) => {
      listener(id)
    })
  },
})

/** Marking everything is for text: elsewhere it would only turn the page blue. */
window.addEventListener('keydown', (event) => {
  if (event.key.toLowerCase() !== 'a' || !(event.ctrlKey || event.metaKey)) return
  const target = event.target
  const isText = target instanceof Element && target.matches('input, textarea, [contenteditable=true]')
  if (!isText) event.preventDefault()
})
