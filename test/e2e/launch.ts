import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { chromium } from 'playwright-core'
import type { Browser, Page } from 'playwright-core'
import { z } from 'zod'
import { findChromium } from '../../scripts/chromium.js'
import { builtProgram } from '../built'

const shots = resolve(import.meta.dirname, '..', '..', 'build', 'shots')

/** The program prints this line when it can be opened. */
const Ready = z.object({ url: z.url() })

/** Starting means loading the decoders and checking the models, on two busy cores. */
const START_TIMEOUT_MS = 60_000

/** The command that starts another command: a tracer, say. */
export type Through = (command: readonly string[]) => readonly string[]

export interface Server {
  readonly pid: number
  /** Lets one browser in, once. */
  readonly url: string
  readonly origin: string
  /** What it wrote to standard error so far. */
  readonly words: () => string
  /** Ends it as Ctrl-C does; the exit code. */
  readonly stop: () => Promise<number | null>
  /** Ends it as a power cut does. */
  readonly kill: () => Promise<void>
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
    kill: async () => {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** An empty workspace: no scenario sees the readings of another, and none those of the person at this computer. */
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

export interface Visit {
  readonly page: Page
  readonly server: Server
  /** Errors of the page so far: exceptions, console errors, policy violations, failed requests. */
  readonly problems: readonly string[]
  /** Saves the window as build/shots/NAME.png; the path. */
  readonly shoot: (name: string) => Promise<string>
  readonly close: () => Promise<void>
}

export interface VisitOptions {
  /** Arguments of `margin serve`: paths, --demo. */
  readonly args?: readonly string[]
  readonly environment?: NodeJS.ProcessEnv
  readonly through?: Through
  readonly widthPx?: number
  readonly heightPx?: number
}

/** Starts the application and opens it in Chromium, as a person does with the printed address. */
export async function visit(options: VisitOptions = {}): Promise<Visit> {
  const server = await startServer(options.args ?? [], options.environment, options.through)
  const browser = await launchChromium()
  const viewport = { width: options.widthPx ?? 1440, height: options.heightPx ?? 900 }
  const page = await browser.newPage({ viewport, reducedMotion: 'reduce' })
  const problems = watch(page, server.origin)
  await page.goto(server.url)
  return {
    page,
    server,
    problems,
    shoot: async (name) => {
      mkdirSync(shots, { recursive: true })
      const path = join(shots, `${name}.png`)
      await page.screenshot({ path, animations: 'disabled' })
      return path
    },
    close: async () => {
      await browser.close()
      await server.stop()
    },
  }
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
