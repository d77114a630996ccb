import { app, Menu } from 'electron'
import type { BrowserWindow, MenuItemConstructorOptions } from 'electron'

/** The menu bar: what the page's own commands do, by their ids (renderer/keys/commands.ts), and what a window does. */

const mac = process.platform === 'darwin'

type Items = MenuItemConstructorOptions[]
/** An item that does what the page's command of this id does. */
type OfCommand = (label: string, id: string, key?: string) => MenuItemConstructorOptions

/** Electron's own menu would add links to the internet. */
export function setMenu(window: BrowserWindow): void {
  const command: OfCommand = (label, id, key) => ({
    label,
    // The page listens to its keys itself; the menu shows them.
    ...(key === undefined ? {} : { accelerator: key, registerAccelerator: false }),
    click: () => {
      window.webContents.send('margin:command', id)
    },
  })
  app.setAboutPanelOptions({
    applicationName: 'Margin',
    applicationVersion: app.getVersion(),
    copyright: 'Research use only. Margin is not a medical device. Apache-2.0.',
  })
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...(mac ? [{ role: 'appMenu' as const }] : []),
      { label: '&File', submenu: fileMenu(command) },
      { label: '&Edit', submenu: edit },
      { label: '&View', submenu: viewMenu(command) },
      { role: 'windowMenu' },
      { role: 'help', submenu: helpMenu(command) },
    ]),
  )
}

const fileMenu = (command: OfCommand): Items => [
  command('Open Folder…', 'open-folder', 'CmdOrCtrl+O'),
  command('Open Files…', 'open-files'),
  ...(mac
    ? [{ role: 'recentDocuments' as const, submenu: [{ role: 'clearRecentDocuments' as const }] }]
    : []),
  command('Open Built-in Case', 'open-demo'),
  { type: 'separator' },
  command('Library', 'go-library'),
  command('Panels and Worklist', 'go-panels'),
  { type: 'separator' },
  mac ? { role: 'close' } : { role: 'quit' },
]

/** Marking all is left out: it is for text, whose own menu has it. */
const edit: Items = [
  { role: 'undo' },
  { role: 'redo' },
  { type: 'separator' },
  { role: 'cut' },
  { role: 'copy' },
  { role: 'paste' },
]

const viewMenu = (command: OfCommand): Items => [
  command('All Commands', 'palette', 'CmdOrCtrl+K'),
  command('Models', 'models'),
  { type: 'separator' },
  // Plain keys are of the image; those with Ctrl, or Command, of the page.
  command('Zoom In', 'zoom-in', 'Plus'),
  command('Zoom Out', 'zoom-out', '-'),
  command('Fit Image', 'fit', '='),
  { type: 'separator' },
  { label: 'Larger Text', role: 'zoomIn' },
  { label: 'Smaller Text', role: 'zoomOut' },
  { label: 'Usual Text', role: 'resetZoom' },
  { type: 'separator' },
  { role: 'togglefullscreen' },
]

const helpMenu = (command: OfCommand): Items => [
  command('Keyboard Help', 'help'),
  command('What Needs You', 'problems', 'F8'),
  ...(mac
    ? []
    : [
        { type: 'separator' as const },
        {
          label: 'About Margin',
          click: () => {
            app.showAboutPanel()
          },
        },
      ]),
]

/** Cut, copy and paste where there is text to be edited, copy where some is marked; elsewhere the page has its own. */
export function offerTextMenu(window: BrowserWindow): void {
  window.webContents.on('context-menu', (_event, { isEditable, selectionText, editFlags }) => {
    if (!isEditable && selectionText.trim() === '') return
    const items: MenuItemConstructorOptions[] = isEditable
      ? [
          { role: 'undo', enabled: editFlags.canUndo },
          { type: 'separator' },
          { role: 'cut', enabled: editFlags.canCut },
          { role: 'copy', enabled: editFlags.canCopy },
          { role: 'paste', enabled: editFlags.canPaste },
          { type: 'separator' },
          { role: 'selectAll', enabled: editFlags.canSelectAll },
        ]
      : [{ role: 'copy' }]
    Menu.buildFromTemplate(items).popup({ window })
  })
}
