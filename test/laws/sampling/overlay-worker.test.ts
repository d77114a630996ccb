import { expect, test } from 'vitest'
import type { Grid } from '../../../src/contract'
import { encodeBoxMask } from '../../../src/core/contour/box-mask'
import { toBase64 } from '../../../src/core/image/base64'
import { packMask } from '../../../src/core/image/mask'
import { uniforms } from '../../../src/core/sampling/counter-rng'
import { sampleDepths } from '../../../src/core/uncertainty/contour-depth'
import { connectOverlayClient, type OverlayPort } from '../../../src/renderer/viewer/worker/overlay-client'
import type { OverlayAnswer, OverlayRequest } from '../../../src/renderer/viewer/worker/overlay-messages'
import { overlayService } from '../../../src/renderer/viewer/worker/overlay-service'
import type { OverlayClient, Ring, RunOverlay } from '../../../src/renderer/viewer/worker/overlay-types'
import { readerOutlines } from '../../../src/renderer/viewer/worker/reader-outlines'
import { startOverlayRun } from '../../../src/renderer/viewer/worker/run-overlay'
import { rasterise, signedArea } from '../geometry/fill-rings'

const grid: Grid = { widthPx: 21, heightPx: 19, originColumn: 40, originRow: 60, columnStep: 1, rowStep: 1 }
const pixelCount = grid.widthPx * grid.heightPx

/** Discs with sub-pixel places as int8 fields, never 0, every fifth one empty. */
const field = (index: number): Int8Array => {
  const [u = 0, v = 0, w = 0] = uniforms(5, index, 2, 3)
  const radius = index % 5 === 4 ? -5 : 4 + 2 * w
  return Int8Array.from({ length: pixelCount }, (_, at) => {
    const distance = Math.hypot((at % 21) - 9 - 2 * u, Math.floor(at / 21) - 9 - 2 * v)
    const value = Math.round(10 * (radius - distance))
    return Math.max(-127, Math.min(127, value === 0 ? 1 : value))
  })
}
const fields = Array.from({ length: 12 }, (_, index) => field(index))
const masks = fields.map((values) => Uint8Array.from(values, (value) => (value > 0 ? 1 : 0)))

const maskChunk = (first: number, end: number) => {
  const packed = masks
    .slice(first, end)
    .map((pixels) => packMask({ widthPx: grid.widthPx, heightPx: grid.heightPx, pixels }))
  return {
    firstIndex: first,
    count: end - first,
    masks: toBase64(Uint8Array.from(packed.flatMap((one) => [...one]))),
  }
}
const fieldChunk = (first: number, end: number) => ({
  firstIndex: first,
  count: end - first,
  fields: Int8Array.from(fields.slice(first, end).flatMap((one) => [...one])),
})

/** Grid pixels inside rings that were placed on the image. */
const filled = (rings: readonly Ring[]): Uint8Array =>
  rasterise(
    rings.map((ring) => ring.map((value, at) => value - (at % 2 === 0 ? grid.originColumn : grid.originRow))),
    grid.widthPx,
    grid.heightPx,
  ).pixels

test('chunk by chunk or at once: the same counts, order, bands and outlines', () => {
  const whole = startOverlayRun(grid, null)
  whole.addMasks(maskChunk(0, 12))
  const inChunks = startOverlayRun(grid, null)
  const updates = [
    [0, 5],
    [5, 6],
    [6, 12],
  ].map(([first = 0, end = 0]) => {
    inChunks.addMasks(maskChunk(first, end))
    return inChunks.update()
  })
  const outlines = updates.flatMap((update) => update.outlines)
  expect({ ...updates.at(-1), outlines }).toEqual(whole.update())
})

test('what is drawn encloses the samples it stands for, along pixels first and by sub-pixel fields later', () => {
  const run = startOverlayRun(grid, null)
  run.addMasks(maskChunk(0, 12))
  const coarse = run.update()
  run.addFields(fieldChunk(6, 12))
  // Half of the fields make no finer band: it stays.
  expect(run.update().bands).toBeNull()
  run.addFields(fieldChunk(0, 6))
  const fine = run.update()
  const { order, emptyCount } = sampleDepths(masks)
  for (const update of [coarse, fine]) {
    expect([update.order, update.emptyCount, update.medianIndex]).toEqual([order, emptyCount, order[0]])
    update.outlines.forEach(({ sampleIndex, rings }) => {
      expect(filled(rings)).toEqual(masks[sampleIndex])
    })
    expect(update.bands).toHaveLength(2)
    update.bands?.forEach(({ fraction, inner, outer }) => {
      const taken = order
        .slice(0, Math.ceil(fraction * (12 - emptyCount)))
        .flatMap((index) => masks[index] ?? [])
      const all = (which: (...pixels: number[]) => number): number[] =>
        Array.from({ length: pixelCount }, (_, at) => which(...taken.map((mask) => mask[at] ?? 0)))
      expect([...filled(inner)]).toEqual(all(Math.min))
      expect([...filled(outer)]).toEqual(all(Math.max))
    })
    expect([...update.counts]).toEqual(
      Array.from({ length: pixelCount }, (_, at) => masks.reduce((sum, mask) => sum + (mask[at] ?? 0), 0)),
    )
  }
  // Sub-pixel: the outline of a disc of a known radius has its area within 2 % (it cuts the arcs between pixels).
  const [, , w = 0] = uniforms(5, 0, 2, 3)
  const area = (fine.outlines.find((one) => one.sampleIndex === 0)?.rings ?? []).reduce(
    (sum, ring) => sum + signedArea(ring),
    0,
  )
  expect(Math.abs(area / (Math.PI * (4 + 2 * w) ** 2) - 1)).toBeLessThan(0.02)
})

test('outside the field of view nothing is drawn or counted', () => {
  const view = Uint8Array.from({ length: pixelCount }, (_, at) => (at % 21 < 10 ? 1 : 0))
  const run = startOverlayRun(grid, view)
  run.addMasks(maskChunk(0, 12))
  run.addFields(fieldChunk(0, 12))
  const update = run.update()
  update.outlines.forEach(({ sampleIndex, rings }) => {
    expect([...filled(rings)]).toEqual(
      [...(masks[sampleIndex] ?? [])].map((pixel, at) => pixel & (view[at] ?? 0)),
    )
  })
  expect(update.counts.every((count, at) => count === 0 || view[at] === 1)).toBe(true)
})

test('only empty samples: no median, no bands', () => {
  const run = startOverlayRun(grid, null)
  const empty = packMask({
    widthPx: grid.widthPx,
    heightPx: grid.heightPx,
    pixels: new Uint8Array(pixelCount),
  })
  run.addMasks({ firstIndex: 0, count: 1, masks: toBase64(empty) })
  expect(run.update()).toMatchObject({
    sampleCount: 1,
    emptyCount: 1,
    medianIndex: null,
    bands: [],
    order: [0],
  })
})

test('samples that come out of order are an error, not a wrong picture', () => {
  const run = startOverlayRun(grid, null)
  expect(() => {
    run.addMasks(maskChunk(3, 5))
  }).toThrow('0 are here')
  expect(() => {
    run.addFields(fieldChunk(0, 1))
  }).toThrow('0 masks')
})

/** Client and service joined as a page and its worker are: messages are cloned or moved, and arrive later. */
function joined(): { client: OverlayClient; seen: RunOverlay[]; settle: () => Promise<void> } {
  const seen: RunOverlay[] = []
  let toPage: ((event: MessageEvent<OverlayAnswer>) => void) | null = null
  const service = overlayService(
    (answer, transfer) => {
      const moved = structuredClone(answer, { transfer })
      setTimeout(() => toPage?.(new MessageEvent('message', { data: moved })))
    },
    (act) => {
      setTimeout(act)
    },
  )
  const port: OverlayPort = {
    postMessage: (request: OverlayRequest) => {
      const sent = structuredClone(request)
      setTimeout(() => {
        service(sent)
      })
    },
    addEventListener: (_, listener) => {
      toPage = listener
    },
    terminate: () => {
      toPage = null
    },
  }
  const client = connectOverlayClient(port, (overlay) => {
    seen.push(overlay)
  })
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setTimeout(resolve))
  }
  return { client, seen, settle }
}

test('the page gets each sample once it was sent, with those before', async () => {
  const { client, seen, settle } = joined()
  client.begin(grid, null)
  client.addMasks(maskChunk(0, 4))
  await settle()
  client.addMasks(maskChunk(4, 12))
  await settle()
  client.addFields(fieldChunk(2, 3))
  await settle()
  expect(seen.map((overlay) => overlay.sampleCount)).toEqual([4, 12, 12])
  seen.forEach((overlay) => {
    expect(overlay.outlines.map((outline) => outline.sampleIndex)).toEqual([
      ...Array(overlay.sampleCount).keys(),
    ])
    overlay.outlines.forEach(({ sampleIndex, rings }) => {
      expect(filled(rings)).toEqual(masks[sampleIndex])
    })
    expect(overlay.bands).toHaveLength(2)
  })
})

test('chunks that wait are worked out together', async () => {
  const { client, seen, settle } = joined()
  client.begin(grid, null)
  for (let index = 0; index < 12; index += 1) client.addMasks(maskChunk(index, index + 1))
  await settle()
  expect(seen.at(-1)?.sampleCount).toBe(12)
  expect(seen.length).toBeLessThan(12)
})

test('a new run forgets the one before, also answers that are still on their way', async () => {
  const { client, seen, settle } = joined()
  client.begin(grid, null)
  client.addMasks(maskChunk(0, 12))
  const small: Grid = { ...grid, originColumn: 0, originRow: 0 }
  client.begin(small, null)
  client.addMasks(maskChunk(0, 1))
  await settle()
  expect(seen.every((overlay) => overlay.sampleCount === 1 && overlay.outlines.length === 1)).toBe(true)
  expect(seen.at(-1)?.grid).toEqual(small)
})

test('once it is settled, all that was given has been told, and a run that follows takes nothing of it away', async () => {
  const { client, seen } = joined()
  client.begin(grid, null)
  client.addMasks(maskChunk(0, 12))
  client.addFields(fieldChunk(0, 12))
  await client.settled()
  const told = seen.at(-1)
  client.begin({ ...grid, originColumn: 0 }, null)
  client.addMasks(maskChunk(0, 1))
  await client.settled()
  expect(told?.sampleCount).toBe(12)
  // Sub-pixel outlines have vertices between the pixels' edges.
  expect(told?.outlines[0]?.rings[0]?.some((value) => !Number.isInteger(value * 2))).toBe(true)
  expect(seen.at(-1)?.sampleCount).toBe(1)
})

test("a reader's outline fills to the reader's pixels at their place in the image", () => {
  const pixels = masks[0] ?? new Uint8Array(pixelCount)
  const box = encodeBoxMask({ widthPx: grid.widthPx, heightPx: grid.heightPx, pixels }, 40, 60)
  expect(filled(readerOutlines(box))).toEqual(pixels)
  expect(readerOutlines({ originColumn: 3, originRow: 4, widthPx: 0, heightPx: 0, bits: '' })).toEqual([])
})
