import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { app, screen } from 'electron'
import type { BrowserWindow, Rectangle } from 'electron'
import { z } from 'zod'

/** Where the window was last, kept beside its profile, for each arrangement of displays. */

const Place = z.strictObject({
  x: z.number(),
  y: z.number(),
  width: z.number(),
  height: z.number(),
  maximized: z.boolean(),
})
type Place = z.infer<typeof Place>
const Places = z.record(z.string(), Place)

const FIRST: Pick<Rectangle, 'width' | 'height'> = { width: 1440, height: 900 }
/** Arrangements remembered: a desk, a meeting room, a laptop alone. */
const MAX_ARRANGEMENTS = 8

const file = (): string => join(app.getPath('userData'), 'window.json')

/** Displays by their places and sizes. */
const arrangement = (): string =>
  screen
    .getAllDisplays()
    .map(({ bounds }) => [bounds.x, bounds.y, bounds.width, bounds.height].join(','))
    .sort()
    .join(' ')

function readPlaces(): Record<string, Place> {
  try {
    return Places.parse(JSON.parse(readFileSync(file(), 'utf8')))
  } catch {
    return {}
  }
}

/** Where to open: as last time with these displays, else in the middle; never larger than the display. */
export function lastPlace(): Partial<Rectangle> {
  const place = readPlaces()[arrangement()]
  if (place !== undefined) return { x: place.x, y: place.y, width: place.width, height: place.height }
  const { width, height } = screen.getPrimaryDisplay().workAreaSize
  return { width: Math.min(FIRST.width, width), height: Math.min(FIRST.height, height) }
}

/** Opens it as large as last time, and notes its place when it closes. */
export function keepPlace(window: BrowserWindow): void {
  if (readPlaces()[arrangement()]?.maximized === true) window.maximize()
  window.on('close', () => {
    const here = { ...window.getNormalBounds(), maximized: window.isMaximized() }
    const others = Object.entries(readPlaces()).filter(([key]) => key !== arrangement())
    const kept = [[arrangement(), here], ...others.slice(0, MAX_ARRANGEMENTS - 1)]
    try {
      writeFileSync(file(), JSON.stringify(Object.fromEntries(kept)))
    } catch {
      // A profile that cannot be written costs the place of the window, nothing else.
    }
  })
}
