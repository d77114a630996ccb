import { screen } from 'electron'
import type { BrowserWindow, Rectangle } from 'electron'
import { z } from 'zod'
import { keptAs } from './kept'

/** Where the window was last, kept beside its profile, for each arrangement of displays. */

const Place = z.strictObject({
  x: z.number(),
  y: z.number(),
  width: z.number(),
  height: z.number(),
  maximized: z.boolean(),
})
const file = keptAs<Record<string, z.infer<typeof Place>>>('window.json', z.record(z.string(), Place), {})

const FIRST: Pick<Rectangle, 'width' | 'height'> = { width: 1440, height: 900 }
/** Arrangements remembered: a desk, a meeting room, a laptop alone. */
const MAX_ARRANGEMENTS = 8

/** Displays by their places and sizes. */
const arrangement = (): string =>
  screen
    .getAllDisplays()
    .map(({ bounds }) => [bounds.x, bounds.y, bounds.width, bounds.height].join(','))
    .sort()
    .join(' ')

/** Where to open: as last time with these displays, else in the middle; never larger than the display. */
export function lastPlace(): Partial<Rectangle> {
  const place = file.read()[arrangement()]
  if (place !== undefined) return { x: place.x, y: place.y, width: place.width, height: place.height }
  const { width, height } = screen.getPrimaryDisplay().workAreaSize
  return { width: Math.min(FIRST.width, width), height: Math.min(FIRST.height, height) }
}

/** Opens it as large as last time, and notes its place when it closes. */
export function keepPlace(window: BrowserWindow): void {
  if (file.read()[arrangement()]?.maximized === true) window.maximize()
  window.on('close', () => {
    const here = { ...window.getNormalBounds(), maximized: window.isMaximized() }
    const others = Object.entries(file.read()).filter(([key]) => key !== arrangement())
    file.write({ ...Object.fromEntries(others.slice(1 - MAX_ARRANGEMENTS)), [arrangement()]: here })
  })
}
