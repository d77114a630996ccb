import { app, BrowserWindow, Menu, protocol } from 'electron'
import { z } from 'zod'
import { createApp } from '../app/create-app'
import type { Opening } from '../compose/create-services'
import type { Services } from '../app/services'
import { foreignRequest } from './guard'
import type { Fetch } from './guard'
import { checkModelsEarly } from './check-models-early'
import { offerFolderPicker } from './folder-picker'
import { refusedPage } from './refused-page'
import { confineWindow, windowOptions } from './window'

const SCHEME = 'margin'
const PAGE_URL = `${SCHEME}://app/`
const ORIGIN = `${SCHEME}://app`

/** What `margin open` asks the window to show, as JSON in the environment (command line switches belong to Chromium). */
const AskedOpening = z.strictObject({
  paths: z.array(z.string()),
  demo: z.boolean(),
  workspace: z.string().nullable().default(null),
})

export interface ElectronDoorOptions {
  /** Folder of the built programs, `out/main`. */
  readonly programDir: string
  readonly environment: NodeJS.ProcessEnv
  readonly services: (opening: Opening) => Promise<Services>
}

/** Opens the one window of the application: no port, the page is margin://app/. Call it before Electron is ready. */
export function openElectronDoor(options: ElectronDoorOptions): void {
  // Chromium's own errands. Margin makes no connection that its user did not set up.
  for (const errand of [
    'disable-background-networking',
    'disable-component-update',
    'disable-domain-reliability',
  ]) {
    app.commandLine.appendSwitch(errand)
  }
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ])
  if (!app.requestSingleInstanceLock()) {
    process.stderr.write('Margin is open already: its window comes to the front.\n')
    app.quit()
    return
  }
  openWindow(options).catch((error: unknown) => {
    process.stderr.write(`Margin did not start: ${error instanceof Error ? error.message : String(error)}\n`)
    app.exit(1)
  })
}

async function openWindow({ programDir, environment, services }: ElectronDoorOptions): Promise<void> {
  await app.whenReady()
  const asked: unknown = JSON.parse(environment['MARGIN_OPEN'] ?? '{"paths":[],"demo":false}')
  const opened = await services({ ...AskedOpening.parse(asked), accounts: false })
  checkModelsEarly(opened)
  const application = createApp(opened)
  protocol.handle(
    SCHEME,
    guarded((request) => application.fetch(request)),
  )
  setMenu()
  const window = new BrowserWindow(windowOptions(programDir))
  confineWindow(window, PAGE_URL)
  offerFolderPicker(window, opened.library, PAGE_URL)
  app.on('second-instance', () => {
    if (window.isMinimized()) window.restore()
    window.focus()
  })
  app.on('window-all-closed', () => {
    void opened.close().finally(() => {
      app.quit()
    })
  })
  await window.loadURL(PAGE_URL)
}

/** The application behind the scheme: requests of its own page only. */
function guarded(application: Fetch): (request: Request) => Promise<Response> {
  return async (request) => {
    if (!request.url.startsWith(PAGE_URL)) return refusedPage('host')
    return foreignRequest(request.headers, ORIGIN) ? refusedPage('origin') : application(request)
  }
}

/** Editing and window keys. Electron's own menu would add links to the internet. */
function setMenu(): void {
  const own = process.platform === 'darwin' ? [{ role: 'appMenu' as const }] : []
  Menu.setApplicationMenu(Menu.buildFromTemplate([...own, { role: 'editMenu' }, { role: 'windowMenu' }]))
}
