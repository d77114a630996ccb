import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { LatentDraw } from './latent-call'
import { launchChromium, startServer } from '../e2e/visit/launch'
import { lidcSeries } from '../fixtures/lidc-series'
import scratch from '../scratch'
import { absent } from '../test-data'
import { firstImage } from './first-image'
import type { BenchSet } from './harness'
import { padDrag } from './page-steps'

/** A place of the latent that is dragged in the page, from the pointer to the dashed line on the canvas. */

const WIDE = { viewport: { width: 1440, height: 900 } }
const MOVES = 30
/** Calls of one turn: the median of them is what the turn took. */
const CALLS = 25
const TERMS =
  'nodule of LIDC-IDRI-0001, lidc-cflow-planar, real Chromium at 1440 x 900, drawn in software; from the move of the pointer to the line on the canvas, the program and its inference process included; ONNX Runtime on the CPU, 2 threads'

/** The nodule with its samples, and its latent opened. */
async function openLatent(page: Page): Promise<void> {
  await firstImage(page)
  await page.getByRole('button', { name: 'Bring in the readings' }).click()
  await page.getByText('Nodule 1').first().click()
  await page.getByText('100 samples drawn.', { exact: true }).waitFor({ timeout: 120_000 })
  // What else is drawn is over by then: the lesion has been followed.
  await page.getByText(/of 100 draw some of it/).waitFor({ timeout: 240_000 })
  await page.getByRole('button', { name: 'Move the outline by hand' }).click()
  await page.locator('svg.pad').waitFor({ timeout: 60_000 })
  await page.locator('svg.pad').scrollIntoViewIfNeeded()
}

export async function latentBenches(root: string): Promise<BenchSet> {
  const folder = lidcSeries()
  const missing = absent('lidc/LIDC-IDRI-0001.tar.xz')
  const shipped = ['models', 'build/models']
    .map((models) => join(root, models, 'lidc-cflow-planar'))
    .find((at) => existsSync(join(at, 'encoder.onnx')))
  if (folder === null || missing !== null || shipped === undefined)
    return {
      benches: [{ id: 'latent-drag', skipped: missing ?? 'no package lidc-cflow-planar under models' }],
      close: () => Promise.resolve(),
    }
  const end = scratch()
  const browser = await launchChromium()
  const server = await startServer([folder])
  const page = await browser.newPage(WIDE)
  await page.goto(server.url)
  await openLatent(page)
  const call = new LatentDraw(shipped)
  await call.open()
  return {
    benches: [
      {
        id: 'latent-contour-against-one-call',
        name: 'one contour at a place of the latent',
        ours: {
          name: 'sampler call, its field, and the rings of its outline',
          run: () => call.contours(CALLS),
        },
        peer: { name: 'sampler call alone', run: () => call.samples(CALLS) },
        claim: { leastRatio: 0.5, aimRatio: 0.8 },
        rounds: 21,
        terms: `lidc-cflow-planar, encoder run before; the same engine in the same process, ONNX Runtime on the CPU, 2 threads; the middle of ${CALLS} calls. What a drag in the page takes stands in latent-drag: it waits for frames of the screen, each as long as many calls`,
      },
      {
        id: 'latent-drag',
        name: 'a move of the latent until its outline is drawn',
        unit: 'ms',
        take: () => padDrag(page, MOVES),
        limit: { atMost: 100, aim: 50 },
        terms: `median of ${MOVES} moves; ${TERMS}`,
      },
    ],
    close: async () => {
      await browser.close()
      await server.stop()
      end()
    },
  }
}
