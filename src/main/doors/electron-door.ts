import { app, nativeTheme, protocol } from 'electron'
import type { BrowserWindow } from 'electron'
import { DOOR_HEADERS } from '../app/asking'
import type { Opening } from '../compose/create-services'
import type { Resources } from '../compose/resources'
import type { Services } from '../app/services'
import { askedOpening, SecondStart } from './asked-opening'
import type { AskedOpening } from './asked-opening'
import { foreignRequest } from './guard'
import type { Fetch } from './guard'
import { refusedPage, startFailedPage } from './refused-page'
import { acceptPaths } from './opened-paths'
import type { OpenedPaths } from './opened-paths'
import { endInOrder } from './ending'
import { setMenu } from './menu'
import { keepChromiumSilent, silenceSession } from './silence'
import { noteRecent } from './recent'
import { showProgress } from './progress'
import { openMainWindow } from './window'

const SCHEME = 'margin'
const PAGE_URL = `${SCHEME}://app/`
const ORIGIN = `${SCHEME}://app`

export interface ElectronDoorOptions {
  readonly resources: Resources
  readonly environment: NodeJS.ProcessEnv
  readonly services: (opening: Opening) => Promise<Services>
}

/** Opens the one window of the application: no port, the page is margin://app/. Call it before Electron is ready. */
export function openElectronDoor(options: ElectronDoorOptions): void {
  // Before the lock and the first look at a folder: both carry the name.
  app.setName('Margin')
  keepChromiumSilent()
  // Images are read in the dark: the menus are as dark as the page. The toolkit brings this theme itself.
  if (process.platform === 'linux') process.env['GTK_THEME'] ??= 'Adwaita:dark'
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ])
  const asked = askedOpening({
    argv: process.argv,
    environment: options.environment,
    cwd: process.cwd(),
    isPackaged: app.isPackaged,
  })
  const { paths, demo } = asked
  if (!app.requestSingleInstanceLock({ paths, demo })) {
    process.send?.('open')
    process.stderr.write('Margin is open already: its window comes to the front.\n')
    app.quit()
    return
  }
  // On macOS files come as events, some before the window is there.
  const early: string[] = []
  app.on('open-file', (event, path) => {
    event.preventDefault()
    early.push(path)
  })
  start(options, asked, early).catch((error: unknown) => {
    process.stderr.write(`Margin did not start: ${reasonOf(error)}\n`)
    process.exitCode = 1
    process.send?.('open')
  })
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * The window and its page's process start first: putting the application together takes as long as they do. Until it
 * stands, what the page asks for waits; where it cannot, the page says why.
 */
async function start(
  { resources, services }: ElectronDoorOptions,
  asked: AskedOpening,
  early: string[],
): Promise<void> {
  await app.whenReady()
  silenceSession()
  nativeTheme.themeSource = 'dark'
  const opening = services({ ...asked, paths: [...asked.paths, ...early.splice(0)], accounts: false })
  endInOrder(async () => (await opening.catch(() => null))?.close())
  const application = opening.then(async (opened) => (await import('../app/create-app')).createApp(opened))
  handlePage(async (request) => {
    const answering = await application.catch((error: unknown) => ({
      fetch: () => startFailedPage(reasonOf(error)),
    }))
    return answering.fetch(request)
  })
  const window = openMainWindow(resources, PAGE_URL)
  let closing = false
  window.once('close', () => {
    closing = true
  })
  const loaded = window.loadURL(PAGE_URL).catch((error: unknown) => {
    // Closed before it had loaded: that is no failure to start.
    if (!closing) throw error
  })
  const opened = await opening
  if (window.isDestroyed()) return
  // Opens the workspace while the page loads. Models are checked when the page asks: a second's work beside it delays it.
  opened.accounts.session(null).catch(() => undefined)
  const paths = acceptPaths(window, opened.library, PAGE_URL, () => {
    setMenu(window, paths.open)
  })
  for (const path of asked.paths) noteRecent(path)
  setMenu(window, paths.open)
  showProgress(window)
  followLaterStarts(window, paths)
  await loaded
  process.send?.('open')
  // A training that was under way when the program ended goes on.
  opened.training.resume().catch(() => undefined)
  opened.receiver.start().catch(() => undefined)
}

/** Requests of its own page only. */
function handlePage(application: Fetch): void {
  protocol.handle(SCHEME, async (request) => {
    if (!request.url.startsWith(PAGE_URL)) return refusedPage('host')
    if (foreignRequest(request.headers, ORIGIN)) return refusedPage('origin')
    const headers = new Headers(request.headers)
    for (const name of DOOR_HEADERS) headers.delete(name)
    return application(new Request(request, { headers }))
  })
}

/** A second start shows what it was asked to in the window that is there. */
function followLaterStarts(window: BrowserWindow, paths: OpenedPaths): void {
  const show = (): void => {
    if (window.isMinimized()) window.restore()
    window.show()
    window.focus()
  }
  app.on('second-instance', (_event, _argv, _cwd, told) => {
    show()
    const asked = SecondStart.safeParse(told)
    if (asked.success) void paths.open(asked.data.paths)
  })
  app.removeAllListeners('open-file')
  app.on('open-file', (event, path) => {
    event.preventDefault()
    show()
    void paths.open([path])
  })
}
