import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { gdcmPython } from '../../scripts/setup/readers.js'
import { writeCtImage, type CtSeries } from '../../src/core/dicom/write/ct-image'
import { launchChromium, startServer } from '../e2e/visit/launch'
import { lidcSeries } from '../fixtures/lidc-series'
import { SERIES } from '../fixtures/made-up-ct'
import scratch from '../scratch'
import { absent } from '../test-data'
import { family } from '../window/processes'
import { cornerstone3d, type View } from './cornerstone3d'
import { firstImage } from './first-image'
import { firstPaints } from './first-paint'
import type { Gauge } from './gauge'
import type { BenchSet, Bench, Skipped } from './harness'
import { drags, p95, turns } from './page-steps'
import { startPeer } from './python-peer'

/** What a reader waits for in the page, in real Chromium without a graphics card. */

const SLICES = 133
const SERIES_MB = (SLICES * 512 * 512 * 2) / 1e6
const LONG_SLICES = 2000
const LONG_SIDE_PX = 256
/** Of 10,000 steps memory is looked at after the first thousand, when caches are full. */
const STEPS = 10_000
const STEPS_BEFORE = 1_000
/** From the middle slice to the first. */
const TO_THE_END = 66
const SETTLE_MS = 3_000
/** Twenty series; memory is looked at after the first thirteen, when every cache is full. */
const [DAY_SERIES, DAY_BEFORE] = [20, 13]
const DAY_SLICES = 100
const DAY_SIDE_PX = 512
const DAY_SERIES_MB = (DAY_SLICES * DAY_SIDE_PX ** 2 * 2) / 1e6
const WIDE = { viewport: { width: 1440, height: 900 } }

interface Opened {
  readonly page: Page
  readonly close: () => Promise<void>
}

/** The program on a folder, and its page at the first screen. */
async function opened(browser: Browser, folder: string): Promise<Opened> {
  const server = await startServer([folder])
  const page = await browser.newPage(WIDE)
  await page.goto(server.url)
  return {
    page,
    close: async () => {
      await page.close()
      await server.stop()
    },
  }
}

/** The chest, and every slice of it fetched once. */
async function chest(browser: Browser, folder: string): Promise<Opened> {
  const visit = await opened(browser, folder)
  await firstImage(visit.page)
  return visit
}

async function whole(page: Page): Promise<void> {
  await turns(page, 'ArrowUp', TO_THE_END)
  await turns(page, 'ArrowDown', SLICES - 1)
}

async function scroll(browser: Browser, folder: string): Promise<number> {
  const { page, close } = await chest(browser, folder)
  await whole(page)
  const times = await turns(page, 'ArrowUp', SLICES - 1)
  await close()
  return p95(times)
}

/** How large the view of a slice is in this page. */
async function viewOf(browser: Browser, folder: string): Promise<View> {
  const { page, close } = await chest(browser, folder)
  const box = await page.locator('canvas.cornerstone-canvas').first().boundingBox()
  await close()
  if (box === null) throw new Error('no picture on the screen')
  return { width: Math.round(box.width), height: Math.round(box.height) }
}

const clock = (ms: number) => ({ ms, cpuMs: 0 })

/** The same keys, slices and size of view in both: every slice was shown before. */
function besideCornerstone3d(root: string, browser: Browser, folder: string): Bench | Skipped {
  const id = 'scroll-cornerstone3d'
  const peer = cornerstone3d(root, browser, folder)
  if (peer === null)
    return { id, skipped: 'Cornerstone3D cannot be fetched (npm ci in build/bench/cornerstone3d)' }
  let view: View | null = null
  return {
    ...{ id, name: `a step through ${SLICES} slices, 95th percentile`, rounds: 5 },
    ours: { name: 'this page', run: () => scroll(browser, folder).then(clock) },
    peer: {
      name: 'Cornerstone3D 5.14, a stack drawn on the processor',
      run: async () => {
        view ??= await viewOf(browser, folder)
        return clock(await peer.scroll(view, TO_THE_END, SLICES - 1))
      },
    },
    claim: { leastRatio: 0.5, aimRatio: 1 },
    terms: `${PAINT}; ours paints its overlays and words too, the peer's page holds the picture alone and all pixels in memory`,
  }
}

/** Series of a hospital day, opened one after another: megabytes more with each of the last ones. */
async function seriesSlopeMb(browser: Browser, folder: string): Promise<number> {
  const { page, close } = await opened(browser, folder)
  const open = async (series: number): Promise<void> => {
    await page
      .getByText(`Series ${series + 1} of the day`)
      .first()
      .click()
    await page.getByText(`/ ${DAY_SLICES}`).first().waitFor()
    await turns(page, 'ArrowDown', DAY_SLICES / 2 - 1)
    await page.getByRole('button', { name: 'Library' }).click()
  }
  for (let series = 0; series < DAY_BEFORE; series += 1) await open(series)
  const before = await settledMb(page)
  for (let series = DAY_BEFORE; series < DAY_SERIES; series += 1) await open(series)
  const after = await settledMb(page)
  await close()
  return (after - before) / (DAY_SERIES - DAY_BEFORE)
}

async function firstScroll(browser: Browser, folder: string): Promise<number> {
  const { page, close } = await chest(browser, folder)
  const times = await turns(page, 'ArrowDown', 60)
  await close()
  return p95(times)
}

/** A crosshair dragged through the coronal plane: two other planes are cut anew with each move. */
async function planes(browser: Browser, folder: string): Promise<number> {
  const { page, close } = await chest(browser, folder)
  await page.keyboard.press('Shift+L')
  await page.keyboard.press('Shift+L')
  await page.locator('[data-plane="sagittal"]').waitFor()
  await page
    .getByText(/slices are here/)
    .first()
    .waitFor({ state: 'detached' })
  await drags(page, 'coronal', 20, 2)
  const times = await drags(page, 'coronal', 120, 2)
  await close()
  return p95(times)
}

/** Each page of memory of all our processes counted once, shared ones by their share (Pss of proc(5)): browser and server. */
const heldMb = (): number =>
  family(process.pid)
    .slice(1)
    .reduce((sum, pid) => {
      try {
        const said = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
        return sum + Number(/^Pss:\s+(\d+) kB/m.exec(said)?.[1]) / 1000
      } catch {
        return sum
      }
    }, 0)

async function settledMb(page: Page): Promise<number> {
  await page.waitForTimeout(SETTLE_MS)
  return heldMb()
}

async function growthMb(browser: Browser, folder: string): Promise<number> {
  const { page, close } = await opened(browser, folder)
  await page.getByText('LIDC-IDRI-0001').first().waitFor()
  const before = await settledMb(page)
  await firstImage(page)
  await whole(page)
  const after = await settledMb(page)
  await close()
  return after - before
}

/** Megabytes more with a thousand steps, over the last nine thousand of ten. */
async function slopeMb(browser: Browser, folder: string): Promise<number> {
  const { page, close } = await chest(browser, folder)
  // Opened in the middle; from then on from end to end, also when it goes on: a step beyond the end draws nothing.
  let upward = TO_THE_END
  const there = async (steps: number): Promise<void> => {
    for (let done = 0; done < steps; done += 2 * (SLICES - 1)) {
      await turns(page, 'ArrowUp', upward)
      upward = SLICES - 1
      await turns(page, 'ArrowDown', SLICES - 1)
    }
  }
  await there(STEPS_BEFORE)
  const before = await settledMb(page)
  await there(STEPS - STEPS_BEFORE)
  const after = await settledMb(page)
  await close()
  return (after - before) / ((STEPS - STEPS_BEFORE) / 1000)
}

/** A made-up series into a folder: a bright square on each slice that moves from slice to slice. */
function writeSeries(folder: string, series: CtSeries, slices: number): void {
  for (let slice = 0; slice < slices; slice += 1) {
    const valuesHu = new Int16Array(series.rows * series.columns).fill(-900)
    const column = slice % 200
    for (let row = 100; row < 140; row += 1)
      valuesHu.fill(40, row * series.columns + column, row * series.columns + column + 40)
    const bytes = writeCtImage(series, {
      sopInstanceUid: `${series.seriesUid}.${slice}`,
      instanceNumber: slice + 1,
      positionMm: [0, 0, slice / 2],
      valuesHu,
    })
    writeFileSync(join(folder, `${series.seriesUid}-${slice}.dcm`), bytes)
  }
}

function longSeries(): string {
  const folder = mkdtempSync(join(tmpdir(), 'margin-long-'))
  const series = { ...SERIES, rows: LONG_SIDE_PX, columns: LONG_SIDE_PX, sliceThicknessMm: 0.5 }
  writeSeries(folder, series, LONG_SLICES)
  return folder
}

function daySeries(): string {
  const folder = mkdtempSync(join(tmpdir(), 'margin-day-'))
  for (let at = 0; at < DAY_SERIES; at += 1) {
    const seriesUid = `2.25.105.${at}`
    const seriesDescription = `Series ${at + 1} of the day`
    const named = { ...SERIES, rows: DAY_SIDE_PX, columns: DAY_SIDE_PX, seriesUid, seriesDescription }
    writeSeries(folder, { ...named, sliceThicknessMm: 0.5 }, DAY_SLICES)
  }
  return folder
}

async function longScroll(browser: Browser, folder: string): Promise<number> {
  const { page, close } = await opened(browser, folder)
  await page.getByText('TEST').first().click({ timeout: 60_000 })
  await page.getByText(`/ ${LONG_SLICES}`).first().waitFor()
  await page.waitForTimeout(SETTLE_MS)
  const times = await turns(page, 'ArrowDown', 300)
  await close()
  return p95(times)
}

const PAINT =
  'real Chromium at 1440 x 900, drawn in software; from the input to the pixels on the canvas, 95th percentile'

function gaugesOf(browser: Browser, folder: string): readonly Gauge[] {
  const gauge = (
    id: string,
    name: string,
    take: Gauge['take'],
    rest: Omit<Gauge, 'id' | 'name' | 'take'>,
  ): Gauge => ({
    ...{ id, name, take },
    ...rest,
  })
  const long = { folder: '' }
  const day = { folder: '' }
  return [
    gauge('scroll', `a step through ${SLICES} slices`, () => scroll(browser, folder), {
      ...{ unit: 'ms', limit: { atMost: 33, aim: 16 } },
      terms: `${PAINT}; every slice was shown before`,
    }),
    gauge('scroll-first', 'a step to a slice that was not shown before', () => firstScroll(browser, folder), {
      ...{
        unit: 'ms',
        limit: null,
        terms: `${PAINT}; 60 slices below the middle one, which was just opened`,
      },
    }),
    gauge('scroll-planes', 'a move of the crosshair in four views', () => planes(browser, folder), {
      ...{ unit: 'ms', limit: null },
      terms: `${PAINT}; until both other planes are drawn anew; asked is at most 1.5 times the row scroll of the same run`,
    }),
    gauge(
      'scroll-long',
      `a step through ${LONG_SLICES} made-up slices`,
      () => {
        if (long.folder === '') long.folder = longSeries()
        return longScroll(browser, long.folder)
      },
      {
        ...{ unit: 'ms', limit: { atMost: 33, aim: 16 } },
        terms: `${PAINT}; ${LONG_SIDE_PX} x ${LONG_SIDE_PX} pixels; 300 slices, none shown before`,
      },
    ),
    gauge('memory', `open and read through, ${SLICES} slices`, () => growthMb(browser, folder), {
      ...{
        unit: 'MB',
        limit: { atMost: Math.round(2.5 * SERIES_MB + 150), aim: Math.round(1.5 * SERIES_MB + 120) },
      },
      terms: `what browser and server together hold more (Pss) than at the first screen; its pixels are ${Math.round(SERIES_MB)} MB`,
    }),
    gauge('memory-steps', 'more with each thousand steps', () => slopeMb(browser, folder), {
      ...{ unit: 'MB', limit: { atMost: 2, aim: 0.5 } },
      terms: `browser and server (Pss), from step ${STEPS_BEFORE} to step ${STEPS}`,
    }),
    gauge(
      'memory-series',
      `more with each of ${DAY_SERIES} series opened in turn`,
      () => {
        if (day.folder === '') day.folder = daySeries()
        return seriesSlopeMb(browser, day.folder)
      },
      {
        ...{ unit: 'MB', limit: { atMost: 5, aim: 1 } },
        terms: `browser and server (Pss), from series ${DAY_BEFORE} to series ${DAY_SERIES}; the pixels of one are ${Math.round(DAY_SERIES_MB)} MB, half of its slices are shown`,
      },
    ),
  ]
}

export async function pageBenches(root: string): Promise<BenchSet> {
  const folder = lidcSeries()
  const missing =
    process.platform === 'linux' ? absent('lidc/LIDC-IDRI-0001.tar.xz') : 'memory is counted on Linux alone'
  if (folder === null || missing !== null)
    return { benches: [{ id: 'scroll', skipped: missing ?? '' }], close: () => Promise.resolve() }
  const end = scratch()
  const browser = await launchChromium()
  const by = gdcmPython()
  const peer = by === null ? null : startPeer(root, [join(root, 'test/bench/other_readers.py')], { by })
  const paints: readonly (Bench | Skipped)[] =
    peer === null
      ? [{ id: 'first-paint', skipped: 'GDCM is not here and cannot be installed (Debian: python3-gdcm)' }]
      : firstPaints(browser, folder, SLICES, peer)
  return {
    benches: [...paints, ...gaugesOf(browser, folder), besideCornerstone3d(root, browser, folder)],
    close: async () => {
      peer?.close()
      await browser.close()
      end()
    },
  }
}
