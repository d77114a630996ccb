import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Browser, Page } from 'playwright-core'
import { z } from 'zod'
import { TAG } from '../../src/core/dicom/elements'
import { builtProgram } from '../built'
import { freshWorkspace, startServer } from '../e2e/visit/launch'
import { family } from '../window/processes'
import type { Bench, Cost } from './harness'
import type { PythonPeer } from './python-peer'

/** From a folder that is given to the middle slice of its series on the screen. */

const WIDE = { viewport: { width: 1440, height: 900 } }

const OpenedByGdcm = z.object({ files: z.number(), decoded: z.number(), ms: z.number(), cpuMs: z.number() })

/** What GDCM's Scanner looks at to tell series apart and put slices in order. */
const TAGS: readonly number[] = [
  ...[TAG.StudyInstanceUID, TAG.SeriesInstanceUID, TAG.SOPInstanceUID, TAG.PatientID, TAG.Modality],
  ...[TAG.ImagePositionPatient, TAG.ImageOrientationPatient, TAG.InstanceNumber, TAG.Rows, TAG.Columns],
]

/** A tick of Linux's accounts of processes. */
const TICK_MS = 10

/** Processor time of all processes of ours, browser and program, since they began. */
function usedMs(): number {
  const ticks = family(process.pid)
    .slice(1)
    .map((pid) => {
      try {
        // Behind the name, which may hold anything: fields 14 and 15 of proc(5), user and system.
        const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
        return Number(fields[11]) + Number(fields[12])
      } catch {
        return 0
      }
    })
  return TICK_MS * ticks.reduce((sum, each) => sum + each, 0)
}

interface Program {
  readonly url: string
  readonly stop: () => Promise<void>
}

/** `margin open FOLDER` by the browser's door: a folder that holds one case shows it at once. */
async function open(folder: string): Promise<Program> {
  const program = join(builtProgram(), 'main', 'cli.js')
  const child = spawn(process.execPath, [program, 'open', '--door', 'browser', folder], {
    env: { ...process.env, MARGIN_WORKSPACE: freshWorkspace(), DISPLAY: '', WAYLAND_DISPLAY: '' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const stop = async (): Promise<void> => {
    const ended = once(child, 'exit')
    child.kill('SIGINT')
    await ended
  }
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /http:\S+/.exec(line)?.[0]
    if (url !== undefined) return { url, stop }
  }
  throw new Error('margin open ended before it was ready')
}

/** The page notes when the first picture with something in its middle row is on its canvas. */
const noteDrawn = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    const drawn = new Promise<number>((resolve) => {
      const look = ({ target }: Event): void => {
        const canvas = target instanceof Element ? target.querySelector('canvas') : null
        const row = canvas?.getContext('2d')?.getImageData(0, canvas.height / 2, canvas.width, 1).data ?? []
        if (row.some((value, at) => at % 4 !== 3 && value > 60))
          resolve(performance.timeOrigin + performance.now())
      }
      document.addEventListener('cornerstoneimagerendered', look, true)
    })
    Reflect.set(window, 'benchDrawn', drawn)
  })

const drawnAtMs = (page: Page): Promise<number> =>
  page.evaluate(() => Reflect.get(window, 'benchDrawn') as Promise<number>)

const nowMs = (): number => performance.timeOrigin + performance.now()

/** `isStarted`: the program answers before the clock begins; else the clock begins with its process. */
async function toPaint(browser: Browser, folder: string, isStarted: boolean): Promise<Cost> {
  const page = await browser.newPage(WIDE)
  await noteDrawn(page)
  let [startMs, before] = [nowMs(), usedMs()]
  const { url, stop } = await open(folder)
  if (isStarted) [startMs, before] = [nowMs(), usedMs()]
  await page.goto(url)
  const ms = (await drawnAtMs(page)) - startMs
  const cpuMs = usedMs() - before
  await page.close()
  await stop()
  return { ms, cpuMs }
}

/** The page's way to a folder in place, as the window gives it: what names one, by the name under which the page asks. */
const standForWindow = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    const listeners = new Map<PropertyKey, (given: unknown) => void>()
    const door = new Proxy(
      {},
      {
        get: (_target, name) => (listener: unknown) => {
          if (typeof listener === 'function') listeners.set(name, listener as (given: unknown) => void)
        },
      },
    )
    Reflect.set(window, 'margin', door)
    Reflect.set(window, 'benchOpen', (paths: readonly string[]) => listeners.get('onOpen')?.(paths))
  })

/** A program that runs, its page open at an empty library, and then a folder. */
async function toPaintRunning(browser: Browser, folder: string): Promise<Cost> {
  const root = mkdtempSync(join(tmpdir(), 'margin-given-'))
  const server = await startServer([root])
  const page = await browser.newPage(WIDE)
  await Promise.all([noteDrawn(page), standForWindow(page)])
  await page.goto(server.url)
  await page.getByRole('button', { name: 'Models ready' }).and(page.locator(':enabled')).waitFor()
  const given = join(root, 'given')
  mkdirSync(given)
  cpSync(folder, given, { recursive: true })
  // What a page reads when nothing else is to do.
  await page.waitForTimeout(3_000)
  const before = usedMs()
  const startMs = nowMs()
  await page.evaluate((path) => {
    ;(Reflect.get(window, 'benchOpen') as (paths: readonly string[]) => void)([path])
  }, given)
  const ms = (await drawnAtMs(page)) - startMs
  const cpuMs = usedMs() - before
  await page.close()
  await server.stop()
  return { ms, cpuMs }
}

const PEER = 'The peer runs, with its library loaded, and shows nothing'

export function firstPaints(browser: Browser, folder: string, slices: number, peer: PythonPeer): Bench[] {
  const row = (
    id: string,
    words: string,
    run: () => Promise<Cost>,
    rest: Pick<Bench, 'claim' | 'terms'>,
  ): Bench => ({
    ...{ id, name: `to the middle slice of ${slices} painted, ${words}`, rounds: 5 },
    ours: { name: 'this program by the browser', run },
    peer: {
      name: "GDCM's Scanner and one read",
      run: () => peer.ask({ do: 'open-gdcm', folder, tags: TAGS }).then((found) => OpenedByGdcm.parse(found)),
    },
    ...rest,
    terms: `${rest.terms}. ${PEER}`,
  })
  return [
    row('first-paint', 'nothing known', () => toPaint(browser, folder, true), {
      claim: { leastRatio: 0.5, aimRatio: 1 },
      terms:
        'ours: `margin open`, just started with an empty workspace; from the address in a running browser, over the page and its code, to pixels of the slice on its canvas. It scans from its start on, before it is asked',
    }),
    row('first-paint-start', 'from the start of the program', () => toPaint(browser, folder, false), {
      ...{ claim: null },
      terms: 'the same from the start of its process; the browser runs',
    }),
    row('first-paint-running', 'program and page open', () => toPaintRunning(browser, folder), {
      ...{ claim: null },
      terms:
        'a program that runs and its page at an empty library: from the folder that is given, as the window gives it, to pixels of the slice on the canvas',
    }),
  ]
}
