import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import type { Browser, ElectronApplication, Page } from 'playwright-core'
import { z } from 'zod'
import { findChromium } from '../../../scripts/setup/chromium.js'
import { builtProgram } from '../../built'
import { killed, openWindow, type RunningProgram } from './window'

const shots = resolve(import.meta.dirname, '..', '..', '..', 'build', 'shots')

/** The program prints this line when it can be opened. */
const Ready = z.object({ url: z.url() })

/** Starting means loading the decoders and checking the models, on two busy cores. */
const START_TIMEOUT_MS = 60_000

/** The command that starts another command: a tracer, say. */
export type Through = (command: readonly string[]) => readonly string[]

export interface Server extends RunningProgram {
  readonly pid: number
  /** Lets one browser in, once. */
  readonly url: string
  /** Ends it as Ctrl-C does; the exit code. */
  readonly stop: () => Promise<number | null>
}

/** Starts the built `margin serve` with these arguments, with a workspace of its own unless `environment` names one. */
export async function startServer(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  through: Through = (command) => command,
): Promise<Server> {
  const program = join(builtProgram(), 'main', 'cli.js')
  const [file = '', ...rest] = through([process.execPath, program, 'serve', ...args])
  const child = spawn(file, rest, {
    env: { ...process.env, MARGIN_WORKSPACE: freshWorkspace(), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let words = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words += text
  })
  const url = await firstAddress(child, () => words)
  return {
    pid: child.pid ?? 0,
    url,
    origin: new URL(url).origin,
    words: () => words,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
      const ended = once(child, 'exit')
      child.kill('SIGINT')
      await ended
      return child.exitCode
    },
    kill: () => killed(child),
  }
}

/** An empty workspace: no scenario sees the readings of another, and none those of the person at this computer. */
/** Opens a photograph of the library by its name. */
export const openPhotograph = (page: Page, name: RegExp): Promise<void> =>
  page.getByRole('button', { name }).first().click()

export const freshWorkspace = (): string => mkdtempSync(join(tmpdir(), 'margin-workspace-'))

async function firstAddress(child: ChildProcess, words: () => string): Promise<string> {
  if (child.stdout === null) throw new Error('the server was started without a pipe')
  const limit = setTimeout(() => child.kill(), START_TIMEOUT_MS)
  try {
    for await (const line of createInterface({ input: child.stdout }))
      return Ready.parse(JSON.parse(line)).url
  } finally {
    clearTimeout(limit)
  }
  throw new Error(`margin serve ended before it was ready: ${words()}`)
}

/** The two ways into the application: the same scenarios run through both. */
export type Door = 'browser' | 'window'
export const door: Door = process.env['MARGIN_TEST_DOOR'] === 'window' ? 'window' : 'browser'

export interface Visit {
  readonly page: Page
  /** Scheme and host of the page. */
  readonly origin: string
  /** Errors of the page so far: exceptions, console errors, policy violations, failed requests. */
  readonly problems: readonly string[]
  /** Saves the window as build/shots/NAME.png (window-NAME.png through that door); the path. */
  readonly shoot: (name: string) => Promise<string>
  /** Lets requests to addresses with this ending fail, until the function that it gives is called. */
  readonly cutOff: (ending: string) => Promise<() => Promise<void>>
  /** The file that the page gives when this is done: its name, and where it lies now. */
  readonly download: (act: () => Promise<void>) => Promise<{ readonly name: string; readonly path: string }>
  readonly close: () => Promise<void>
  /** Ends the program, and with it the page, as a power cut does. */
  readonly kill: () => Promise<void>
  /** The process of the program. */
  readonly pid: number
}

export interface VisitOptions {
  /** Arguments of `margin open`: paths, --demo. */
  readonly args?: readonly string[]
  readonly environment?: NodeJS.ProcessEnv
  /** Of the browser door: what the server is started through. */
  readonly through?: Through
  readonly widthPx?: number
  readonly heightPx?: number
}

/** Opens the application as a person does: by the printed address in Chromium, or in its window. */
export const visit = (options: VisitOptions = {}): Promise<Visit> =>
  door === 'window' ? visitWindow(options).then(({ visited }) => visited) : visitBrowser(options)

/** One visit for all tests of a file or a describe: opened before the first of them, closed after the last. */
export function visitForAll(options: () => VisitOptions = () => ({})): Visit {
  let opened: Visit | null = null
  const now = (): Visit => {
    if (opened === null) throw new Error('no test has begun')
    return opened
  }
  beforeAll(async () => {
    opened = await visit(options())
  })
  afterAll(() => now().close())
  return {
    get page() {
      return now().page
    },
    get origin() {
      return now().origin
    },
    get pid() {
      return now().pid
    },
    get problems() {
      return now().problems
    },
    shoot: (name) => now().shoot(name),
    cutOff: (ending) => now().cutOff(ending),
    download: (act) => now().download(act),
    close: () => now().close(),
    kill: () => now().kill(),
  }
}

const sizeOf = (options: VisitOptions): { readonly width: number; readonly height: number } => ({
  width: options.widthPx ?? 1440,
  height: options.heightPx ?? 900,
})

async function visitBrowser(options: VisitOptions): Promise<Visit> {
  const server = await startServer(options.args ?? [], options.environment, options.through)
  const browser = await launchChromium()
  const page = await browser.newPage({ viewport: sizeOf(options), reducedMotion: 'reduce' })
  const problems = watch(page, server.origin)
  await page.goto(server.url)
  return {
    page,
    origin: server.origin,
    pid: server.pid,
    problems,
    shoot: (name) => shoot(page, name),
    cutOff: async (ending) => {
      await page.route(`**${ending}`, (route) => route.abort())
      return () => page.unroute(`**${ending}`)
    },
    download: async (act) => {
      const given = page.waitForEvent('download', { timeout: 120_000 })
      await act()
      const file = await given
      return { name: file.suggestedFilename(), path: await file.path() }
    },
    close: async () => {
      await browser.close()
      await server.stop()
    },
    kill: async () => {
      await browser.close()
      await server.kill()
    },
  }
}

/** A visit through the window, and the program behind it. */
export async function visitWindow(
  options: VisitOptions,
): Promise<{ readonly visited: Visit; readonly application: ElectronApplication }> {
  const args = options.args ?? []
  const opened = await openWindow({
    paths: args.filter((word) => word !== '--demo'),
    demo: args.includes('--demo'),
    environment: { MARGIN_WORKSPACE: freshWorkspace(), ...options.environment },
  })
  const { application, page, origin, close, kill } = opened
  const problems = watch(page, origin)
  await page.setViewportSize(sizeOf(options))
  await page.emulateMedia({ reducedMotion: 'reduce' })
  const visited: Visit = {
    page,
    origin,
    pid: application.process().pid ?? 0,
    problems,
    shoot: (name) => shoot(page, `window-${name}`),
    cutOff: (ending) => cutOffInPage(page, ending),
    download: async (act) => {
      const path = join(tmpdir(), 'given')
      const given = nextFile(application, path)
      await act()
      return { name: await given, path }
    },
    close: async () => {
      await close()
    },
    kill,
  }
  return { visited, application }
}

/** No driver comes between a page and a scheme of its own program: the page's own function fails instead. */
async function cutOffInPage(page: Page, ending: string): Promise<() => Promise<void>> {
  await page.evaluate((end) => {
    const whole = window.fetch.bind(window)
    window.fetch = (input, init) => {
      const address = input instanceof Request ? input.url : String(input)
      return address.endsWith(end) ? Promise.reject(new TypeError('Failed to fetch')) : whole(input, init)
    }
    Object.assign(window, { wholeFetch: whole })
  }, ending)
  return () =>
    page.evaluate(() => {
      window.fetch = Reflect.get(window, 'wholeFetch') as typeof fetch
    })
}

/** Saves the file that the window gives next where no dialog asks; its name. */
const nextFile = (application: ElectronApplication, path: string): Promise<string> =>
  application.evaluate(
    ({ session }, to) =>
      new Promise((named) => {
        session.defaultSession.once('will-download', (_event, item) => {
          item.setSavePath(to)
          item.once('done', () => {
            named(item.getFilename())
          })
        })
      }),
    path,
  )

export async function shoot(page: Page, name: string): Promise<string> {
  mkdirSync(shots, { recursive: true })
  const path = join(shots, `${name}.png`)
  await page.screenshot({ path, animations: 'disabled' })
  return path
}

/** Debian's Chromium or the one that MARGIN_CHROMIUM names, drawing in software and calling nobody. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium()
  if (executablePath === null) throw new Error('no Chromium: install one or name it in MARGIN_CHROMIUM')
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--force-color-profile=srgb',
      '--font-render-hinting=none',
    ],
  })
}

function watch(page: Page, origin: string): readonly string[] {
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(`exception: ${error.message}`))
  page.on('console', (message) => {
    // Violations of the content security policy arrive here as errors as well.
    if (message.type() === 'error') problems.push(`console: ${message.text()}`)
  })
  page.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(`${origin}/`) && !/^(blob|data):/.test(url))
      problems.push(`left the computer: ${url}`)
  })
  return problems
}
