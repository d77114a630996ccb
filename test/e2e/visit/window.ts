import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { _electron } from 'playwright-core'
import type { ElectronApplication, Page } from 'playwright-core'
import { findElectronBinary } from '../../../src/main/compose/electron-binary'
import { builtProgram } from '../../built'

/** The application in its real window, driven like a page. */

const root = resolve(import.meta.dirname, '..', '..', '..')

/** The program behind a page, whichever door it came through. */
export interface RunningProgram {
  readonly origin: string
  /** What it wrote to standard error so far. */
  readonly words: () => string
  /** Ends it as a power cut does. */
  readonly kill: () => Promise<void>
}

export interface Window extends RunningProgram {
  readonly application: ElectronApplication
  readonly page: Page
  /** Ends it as its menu does; the exit code. */
  readonly close: () => Promise<number | null>
}

export interface WindowOptions {
  readonly paths: readonly string[]
  readonly demo: boolean
  /** Words behind the program's own: paths, as the system gives them. */
  readonly words?: readonly string[]
  readonly environment: NodeJS.ProcessEnv
  /** The program to start in the place of Electron: a tracer, another user. */
  readonly program?: string
  /** A program in the place of Margin. */
  readonly entry?: string
  /** As a normal user it can be left on. */
  readonly sandbox?: boolean
}

/** A folder for settings and profile that no other window uses, so that windows of two tests do not become one. */
export const freshSettings = (): string => mkdtempSync(join(tmpdir(), 'margin-settings-'))

/** Electron's own program, or the reason why it is not there. */
export function electronProgram(): string {
  const binary = findElectronBinary(root, process.env)
  if (binary === null) throw new Error('no Electron program: npm test fetches one')
  return binary
}

/** A program that opens a window with the word "empty" in it: what Electron takes by itself. */
export function emptyEntry(): string {
  const entry = join(mkdtempSync(join(tmpdir(), 'margin-empty-')), 'main.mjs')
  writeFileSync(
    entry,
    `import { app, BrowserWindow } from 'electron/main'
const open = () => new BrowserWindow({ width: 1440, height: 900 }).loadURL('data:text/html,<p>empty</p>')
void app.whenReady().then(open)
`,
  )
  return entry
}

export async function openWindow(options: WindowOptions): Promise<Window> {
  const { paths, demo, environment } = options
  const asked = JSON.stringify({ paths, demo, workspace: null })
  const application = await _electron.launch({
    executablePath: options.program ?? electronProgram(),
    args: [
      options.entry ?? join(builtProgram(), 'main', 'index.js'),
      '--force-color-profile=srgb',
      '--font-render-hinting=none',
      '--disable-gpu',
      ...(options.sandbox === true ? [] : ['--no-sandbox']),
      ...(options.words ?? []),
    ],
    env: defined({ ...process.env, XDG_CONFIG_HOME: freshSettings(), MARGIN_OPEN: asked, ...environment }),
  })
  let words = ''
  application.process().stderr?.on('data', (chunk: Buffer) => {
    words += chunk.toString()
  })
  const page = await application.firstWindow()
  const child = application.process()
  return {
    application,
    page,
    origin: 'margin://app',
    words: () => words,
    close: async () => {
      const ended = once(child, 'exit')
      // The answer is lost with the program.
      const quit = application.evaluate(({ app }) => {
        app.quit()
      })
      quit.catch(() => undefined)
      await ended
      return child.exitCode
    },
    kill: () => killed(child),
  }
}

const defined = (environment: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )

/** Kills without a warning, and waits until it is gone. */
export async function killed(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}
