import { sweepDisc } from '../../src/core/contour/brush'
import { makePatch } from '../../src/core/contour/mask-patch'
import {
  discOfPx,
  EMPTY_BOX,
  stampInto,
  uniteBoxes,
  type ImagePosition,
} from '../../src/core/contour/slice-mask'
import { emptyMask, type Mask } from '../../src/core/image/mask'
import type { BenchSet } from './harness'

const SIZE = { widthPx: 512, heightPx: 512 }
const RADIUS_PX = 12

/** A stroke of 200 pointer moves, 3 px apart, in turns around the middle of the slice. */
const stroke: readonly ImagePosition[] = Array.from({ length: 200 }, (_, at) => ({
  column: 256 + (40 + 0.6 * at) * Math.cos(at / 24),
  row: 256 + (40 + 0.6 * at) * Math.sin(at / 24),
}))

/** As a tool does it: a working copy, one stamp a move, one patch at the end. */
function paintStroke(before: Mask): Mask {
  const working = { ...before, pixels: before.pixels.slice() }
  let box = EMPTY_BOX
  stroke.forEach((to, index) => {
    const from = stroke[Math.max(0, index - 1)] ?? to
    box = uniteBoxes(box, stampInto(working, sweepDisc(discOfPx(RADIUS_PX), [from, to], SIZE), 1))
  })
  makePatch(before, working, box)
  return working
}

/** The plain way: every move looks at every pixel of the slice. */
function paintPlainly(before: Mask): Mask {
  const working = { ...before, pixels: before.pixels.slice() }
  stroke.forEach((to, index) => {
    const from = stroke[Math.max(0, index - 1)] ?? to
    const [dx, dy] = [to.column - from.column, to.row - from.row]
    const square = dx * dx + dy * dy
    for (let at = 0; at < working.pixels.length; at += 1) {
      const [x, y] = [(at % SIZE.widthPx) - from.column, Math.floor(at / SIZE.widthPx) - from.row]
      const share = square === 0 ? 0 : Math.min(1, Math.max(0, (x * dx + y * dy) / square))
      if ((x - share * dx) ** 2 + (y - share * dy) ** 2 <= RADIUS_PX ** 2) working.pixels[at] = 1
    }
  })
  return working
}

/** One brush stroke of 200 moves on a slice of 512 x 512, patch included. */
export function drawBenches(): Promise<BenchSet> {
  const blank = emptyMask(SIZE.widthPx, SIZE.heightPx)
  const [ours, plain] = [paintStroke(blank), paintPlainly(blank)]
  if (ours.pixels.some((pixel, at) => pixel !== plain.pixels[at])) throw new Error('the strokes differ')
  const run = (paint: (before: Mask) => Mask) => (): Promise<null> => {
    paint(blank)
    return Promise.resolve(null)
  }
  return Promise.resolve({
    benches: [
      {
        id: 'draw-stroke',
        name: 'brush stroke of 200 moves, 24 px wide, on 512 x 512',
        ours: { name: 'Margin', run: run(paintStroke) },
        peer: { name: 'a look at every pixel a move', run: run(paintPlainly) },
        claim: null,
        rounds: 30,
        terms: 'the same pixels, checked before the first turn; one process, one thread',
      },
    ],
    close: () => Promise.resolve(),
  })
}
