import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { windowAbsent } from '../../scripts/setup/electron.js'
import { writeDemoCase } from '../../src/main/demo/write-demo-case'
import { freshWorkspace, launchChromium, startServer } from '../e2e/visit/launch'
import { emptyEntry, openWindow } from '../e2e/visit/window'
import { lidcSeries } from '../fixtures/lidc-series'
import scratch from '../scratch'
import screen from '../screen'
import { absent } from '../test-data'
import { family } from '../window/processes'
import { firstImage } from './first-image'
import type { Bench, BenchSet, Cost, Side, Skipped } from './harness'

/** What a person waits for at the desktop, from the start of the program on. */

interface Opened {
  readonly page: Page
  readonly close: () => Promise<unknown>
}

/** From the start of a program until `shown`, with what its processes used until then. */
const side = (name: string, open: () => Promise<Opened>, shown: (page: Page) => Promise<unknown>): Side => ({
  name,
  run: async () => {
    const startMs = performance.now()
    const { page, close } = await open()
    await shown(page)
    const cost: Cost = { ms: performance.now() - startMs, cpuMs: childrenCpuMs() }
    await close()
    return cost
  },
})

/** A tick of Linux's accounts of processes. */
const TICK_MS = 10

function childrenCpuMs(): number {
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

const inWindow =
  (paths: readonly string[], demo = false) =>
  (): Promise<Opened> =>
    openWindow({ paths, demo, environment: { MARGIN_WORKSPACE: freshWorkspace() } })

const inBrowser = (path: string) => async (): Promise<Opened> => {
  const [server, browser] = await Promise.all([startServer([path]), launchChromium()])
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  await page.goto(server.url)
  return { page, close: () => Promise.all([browser.close(), server.stop()]) }
}

/** A window of Electron with a word in it, and nothing else. */
function emptyWindow(): () => Promise<Opened> {
  const entry = emptyEntry()
  return () => openWindow({ paths: [], demo: false, environment: {}, entry })
}

const firstScreen = (page: Page): Promise<void> => page.getByText('Open the built-in case').first().waitFor()
const empty = (page: Page): Promise<void> => page.getByText('empty').waitFor()

const WAIT = { timeout: 120_000 }
async function drawNodule(page: Page): Promise<void> {
  await page.getByText('Nodule 1').first().click(WAIT)
  await page.getByText('100 samples drawn.', { exact: true }).waitFor(WAIT)
}
async function openAndDraw(page: Page): Promise<void> {
  await page.getByText('MARGIN-PHANTOM').first().click(WAIT)
  await page.getByRole('button', { name: 'Bring in the readings' }).click(WAIT)
  await drawNodule(page)
}

const terms = 'from the start of the program, a fresh profile and workspace each turn, drawn in software'

async function benches(): Promise<readonly (Bench | Skipped)[]> {
  const folder = mkdtempSync(join(tmpdir(), 'margin-case-'))
  await writeDemoCase(folder, new AbortController().signal)
  const series = lidcSeries()
  const image: Bench | Skipped =
    series === null
      ? { id: 'window-image', skipped: absent('lidc/LIDC-IDRI-0001.tar.xz') ?? '' }
      : {
          id: 'window-image',
          name: 'to the first image of a series of 133 slices, in the window',
          ours: side('window', inWindow([series]), firstImage),
          peer: side('the same by the browser', inBrowser(series), firstImage),
          claim: { leastRatio: 1 / 1.1, aimRatio: 1 },
          rounds: 5,
          terms: `${terms}; the browser starts beside the server`,
        }
  return [
    {
      id: 'window-start',
      name: 'to the first screen of the window',
      ours: side('Margin', inWindow([]), firstScreen),
      peer: side('an empty window of Electron', emptyWindow(), empty),
      claim: { leastRatio: 1 / 1.3, aimRatio: 1 },
      rounds: 7,
      terms,
    },
    image,
    {
      id: 'window-built-in',
      name: 'to 100 samples of the built-in case',
      ours: side('as it is shipped', inWindow([], true), drawNodule),
      peer: side('the same files from disk', inWindow([folder]), openAndDraw),
      claim: { leastRatio: 1 / 1.5, aimRatio: 1 },
      rounds: 5,
      terms: `${terms}; from disk a person opens the case and brings in its readings`,
    },
  ]
}

export async function windowBenches(): Promise<BenchSet> {
  const absent = process.platform === 'linux' ? windowAbsent() : 'processes are counted on Linux alone'
  if (absent !== null) return { benches: [{ id: 'window', skipped: absent }], close: () => Promise.resolve() }
  const ends = [scratch(), await screen()]
  return {
    benches: await benches(),
    close: () => {
      for (const end of ends.toReversed()) end()
      return Promise.resolve()
    },
  }
}
