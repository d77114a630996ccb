import { existsSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { app, Menu } from 'electron'
import type { BrowserWindow, MenuItemConstructorOptions } from 'electron'
import { clearRecent, recentPaths } from './recent'

/** The menu bar: what the page's own commands do, by their ids (renderer/keys/commands.ts), and what a window does. */

const mac = process.platform === 'darwin'

type Items = MenuItemConstructorOptions[]
/** An item that does what the page's command of this id does. */
type OfCommand = (label: string, id: string, key?: string) => MenuItemConstructorOptions

/** Opens paths in place and shows them. */
export type OpenPaths = (paths: readonly string[]) => Promise<void>

/** Electron's own menu would add links to the internet. Set again when the list of what was opened last has changed. */
export function setMenu(window: BrowserWindow, open: OpenPaths): void {
  const command: OfCommand = (label, id, key) => ({
    id,
    label,
    // The page listens to its keys itself; the menu shows them.
    ...(key === undefined ? {} : { accelerator: key, registerAccelerator: false }),
    click: () => {
      window.webContents.send('margin:command', id)
    },
  })
  const recent = recentMenu(open, () => {
    clearRecent()
    setMenu(window, open)
  })
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...(mac ? [appMenu(command)] : []),
      { label: '&File', submenu: fileMenu(command, recent) },
      { label: '&Edit', submenu: editMenu(command) },
      { label: '&View', submenu: viewMenu(command) },
      { role: 'windowMenu' },
      { role: 'help', submenu: helpMenu(command) },
    ]),
  )
}

const appMenu = (command: OfCommand): MenuItemConstructorOptions => ({
  label: app.name,
  submenu: [
    command('About Margin', 'about'),
    { type: 'separator' },
    { role: 'hide' },
    { role: 'hideOthers' },
    { role: 'unhide' },
    { type: 'separator' },
    { role: 'quit' },
  ],
})

/** Menus read `&` as the sign of a key; a path means itself. */
const plain = (text: string): string => text.replaceAll('&', '&&')

function recentMenu(open: OpenPaths, clear: () => void): MenuItemConstructorOptions {
  // A stick that was pulled out may come back: it stays in the list and cannot be chosen.
  const items = recentPaths().map((path): MenuItemConstructorOptions => ({
    label: plain(`${basename(path)}  (${dirname(path)})`),
    enabled: existsSync(path),
    click: () => void open([path]),
  }))
  return {
    id: 'recent',
    label: 'Open Recent',
    submenu:
      items.length === 0
        ? [{ label: 'Nothing yet', enabled: false }]
        : [...items, { type: 'separator' }, { id: 'clear-recent', label: 'Clear This List', click: clear }],
  }
}

const fileMenu = (command: OfCommand, recent: MenuItemConstructorOptions): Items => [
  command('Open Folder…', 'open-folder', 'CmdOrCtrl+O'),
  command('Open Files…', 'open-files'),
  recent,
  command('Open Built-in Case', 'open-demo'),
  { type: 'separator' },
  command('Export Readings…', 'export-readings'),
  { type: 'separator' },
  command('Library', 'go-library'),
  command('Panels and Worklist', 'go-panels'),
  { type: 'separator' },
  mac ? { role: 'close' } : { role: 'quit' },
]

/**
 * Undo is of the drawing: text has its own menu, and its keys. A Mac's text gets those keys from this menu. Marking all
 * is left out, being for text.
 */
const editMenu = (command: OfCommand): Items => [
  mac ? { role: 'undo' } : command('Undo', 'undo', 'CmdOrCtrl+Z'),
  mac ? { role: 'redo' } : command('Redo', 'redo', 'CmdOrCtrl+Shift+Z'),
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
  command('Patient in the Title, or Not', 'title-patient'),
  { role: 'togglefullscreen' },
]

const helpMenu = (command: OfCommand): Items => [
  command('Guide', 'guide', 'F1'),
  command('Keyboard Help', 'help', '?'),
  command('What Needs You', 'problems', 'F8'),
  { type: 'separator' },
  command('Licences', 'licences'),
  ...(mac ? [] : [command('About Margin', 'about')]),
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
