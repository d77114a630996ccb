import type { Page } from 'playwright-core'
import { quantile } from './harness'

export interface Watched {
  readonly input: 'keydown' | 'pointermove'
  /** So many views must have drawn another picture than before. */
  readonly views: number
  /** The event that says of a view that a picture has been drawn. */
  readonly drawn: string
}

/** What cornerstone-core says of an element when a picture has been drawn; a peer writes its slice on the element. */
interface Drawn {
  readonly image?: { readonly imageId?: string }
}
const DRAWN = 'cornerstoneimagerendered'
const TURNED: Watched = { input: 'keydown', views: 1, drawn: DRAWN }

/**
 * From now on the page notes each step: milliseconds from the input until its views have drawn other pictures. Drawn is:
 * the pixels are on the canvas; the browser shows them with its next frame.
 */
async function watch(page: Page, watched: Watched): Promise<void> {
  await page.evaluate(({ input, views, drawn }) => {
    const steps: number[] = []
    const shown = new Map<EventTarget, string>()
    const changed = new Set<EventTarget>()
    let startMs: number | null = null
    const begin = (): void => {
      startMs ??= performance.now()
    }
    const draw = (event: Event): void => {
      const { image } = (event as CustomEvent<Drawn>).detail
      const id = image?.imageId ?? (event.target as HTMLElement).dataset['slice'] ?? ''
      if (event.target === null || shown.get(event.target) === id) return
      shown.set(event.target, id)
      if (startMs === null) return
      changed.add(event.target)
      if (changed.size < views) return
      steps.push(performance.now() - startMs)
      startMs = null
      changed.clear()
    }
    const unwatch = (): void => {
      document.removeEventListener(drawn, draw, true)
      window.removeEventListener(input, begin, true)
    }
    document.addEventListener(drawn, draw, true)
    window.addEventListener(input, begin, true)
    const before: unknown = Reflect.get(window, 'benchSteps')
    if (typeof before === 'object' && before !== null) (before as { unwatch: () => void }).unwatch()
    Reflect.set(window, 'benchSteps', { steps, unwatch })
  }, watched)
}

/** The steps that were noted, once there are so many. */
const noted = (page: Page, count: number): Promise<number[]> =>
  page.evaluate(
    (wanted) =>
      new Promise<number[]>((resolve) => {
        const look = (): void => {
          const { steps } = Reflect.get(window, 'benchSteps') as { steps: number[] }
          if (steps.length >= wanted) resolve(steps)
          else requestAnimationFrame(look)
        }
        look()
      }),
    count,
  )

/** Milliseconds of each press of a key that turns the slice. */
export async function turns(
  page: Page,
  key: string,
  count: number,
  watched = TURNED,
): Promise<readonly number[]> {
  await watch(page, watched)
  for (let done = 1; done <= count; done += 1) {
    await page.keyboard.press(key)
    await noted(page, done)
  }
  return noted(page, count)
}

/** Milliseconds of each move of a crosshair that is dragged in a view, aslant, to and fro about its middle. */
export async function drags(
  page: Page,
  plane: string,
  count: number,
  views: number,
): Promise<readonly number[]> {
  const box = await page.locator(`[data-plane="${plane}"] .field`).boundingBox()
  if (box === null) throw new Error('the plane is not on screen')
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  await page.mouse.move(x, y)
  await page.mouse.down()
  await page.mouse.move(x + 1, y + 1)
  await watch(page, { input: 'pointermove', views, drawn: DRAWN })
  for (let done = 1; done <= count; done += 1) {
    const phase = done % 40
    const away = 2 + 3 * (phase < 20 ? phase : 40 - phase)
    await page.mouse.move(x + away, y + away)
    await noted(page, done)
  }
  await page.mouse.up()
  return noted(page, count)
}

/** The dashes of the outline at a place of the latent, and of nothing else. */
const EXPLORED_DASHES = '5,3'
const SETTLED_MS = 1_500

/**
 * Drags the place of the latent about its pad, each move once the outline of the one before is drawn. Milliseconds from
 * a move of the pointer to the outline's line on a canvas: the median of so many.
 */
export async function padDrag(page: Page, moves: number): Promise<number> {
  const box = await page.locator('svg.pad').boundingBox()
  if (box === null) throw new Error('the pad of the latent is not on screen')
  const at = (turn: number): [x: number, y: number] => {
    const angle = turn * 2.4
    return [
      box.x + box.width * (0.5 + 0.2 * Math.cos(angle)),
      box.y + box.height * (0.5 + 0.2 * Math.sin(angle)),
    ]
  }
  await page.mouse.move(...at(0))
  await page.mouse.down()
  // The outline of the press is drawn by then: it must not be taken for that of the first move.
  await page.waitForTimeout(SETTLED_MS)
  await page.evaluate((dashes) => {
    const steps: number[] = []
    let startMs: number | null = null
    const { prototype } = CanvasRenderingContext2D
    const held: unknown = Reflect.get(window, 'benchStroke') ?? Reflect.get(prototype, 'stroke')
    const stroke = held as () => void
    Reflect.set(window, 'benchStroke', stroke)
    prototype.stroke = function (this: CanvasRenderingContext2D, ...given: []) {
      Reflect.apply(stroke, this, given)
      if (startMs === null || this.getLineDash().join() !== dashes) return
      steps.push(performance.now() - startMs)
      startMs = null
    }
    const begin = (): void => {
      startMs ??= performance.now()
    }
    const unwatch = (): void => {
      window.removeEventListener('pointermove', begin, true)
    }
    const before: unknown = Reflect.get(window, 'benchSteps')
    if (typeof before === 'object' && before !== null) (before as { unwatch: () => void }).unwatch()
    window.addEventListener('pointermove', begin, true)
    Reflect.set(window, 'benchSteps', { steps, unwatch })
  }, EXPLORED_DASHES)
  for (let done = 1; done <= moves; done += 1) {
    await page.mouse.move(...at(done))
    await noted(page, done)
  }
  await page.mouse.up()
  return quantile(await noted(page, moves), 0.5)
}

export const p95 = (times: readonly number[]): number => quantile(times, 0.95)
