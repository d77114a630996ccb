import type { Page } from 'playwright-core'

/** From the time of a pointer event to the screen, in ms. */
export interface StrokeTimes {
  readonly moves: number
  /** To the end of the main thread's painting of the frame that shows it. */
  readonly paintedP50Ms: number
  readonly paintedP95Ms: number
  /** To the start of the next frame: the frame was handed on by then. */
  readonly nextFrameP95Ms: number
}

interface Measured {
  readonly painted: number[]
  readonly next: number[]
}

/** Follows every pointer move over the image until `read` is called. Runs in the page. */
function follow(): void {
  const measured: Measured = { painted: [], next: [] }
  Object.assign(globalThis, { strokeTimes: measured })
  const stage = document.querySelector('.stage')
  stage?.addEventListener(
    'pointermove',
    (event) => {
      const at = event.timeStamp
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel()
        // A message waits until the frame's style, layout and painting are done.
        port1.onmessage = () => {
          measured.painted.push(performance.now() - at)
        }
        port2.postMessage(null)
        requestAnimationFrame(() => {
          measured.next.push(performance.now() - at)
        })
      })
    },
    { capture: true },
  )
}

const quantile = (sorted: readonly number[], q: number): number =>
  Math.round(10 * (sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN)) / 10

const ascending = (values: readonly number[]): readonly number[] => [...values].sort((a, b) => a - b)

/**
 * Draws strokes of `moves` pointer moves with the chosen brush around a place of the window, in rounds of a circle,
 * and gives how long each took to the screen.
 */
export async function measureStrokes(
  page: Page,
  centre: { readonly x: number; readonly y: number },
  { strokes, moves, radiusPx }: { strokes: number; moves: number; radiusPx: number },
): Promise<StrokeTimes> {
  await page.evaluate(follow)
  for (let stroke = 0; stroke < strokes; stroke += 1) {
    const radius = radiusPx * (0.5 + (0.5 * (stroke + 1)) / strokes)
    await page.mouse.move(centre.x + radius, centre.y)
    await page.mouse.down()
    for (let move = 1; move <= moves; move += 1) {
      const angle = (2 * Math.PI * move) / moves
      await page.mouse.move(centre.x + radius * Math.cos(angle), centre.y + radius * Math.sin(angle))
    }
    await page.mouse.up()
  }
  const { painted, next } = await page.evaluate(
    () => (globalThis as unknown as { strokeTimes: { painted: number[]; next: number[] } }).strokeTimes,
  )
  const sorted = ascending(painted)
  return {
    moves: painted.length,
    paintedP50Ms: quantile(sorted, 0.5),
    paintedP95Ms: quantile(sorted, 0.95),
    nextFrameP95Ms: quantile(ascending(next), 0.95),
  }
}
