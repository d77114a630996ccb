import { mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import sharp from 'sharp'

const shots = resolve(import.meta.dirname, '..', '..', 'build', 'shots')

/** Words of the head of an X window dump (XWDFile.h), all of 32 bits. */
const HEAD = { size: 0, width: 4, height: 5, bitsPerPixel: 11, bytesPerLine: 12, colours: 19 } as const
const BYTES_PER_COLOUR = 12

/**
 * Saves what the screen shows, menus and frames included, which no page can see of itself, as build/shots/NAME.png; only
 * on the screen that the tests started (test/screen.ts), else nothing.
 */
export async function shootScreen(name: string): Promise<void> {
  const folder = process.env['MARGIN_TEST_SCREEN']
  if (folder === undefined) return
  const dump = readFileSync(join(folder, 'Xvfb_screen0'))
  const word = (index: number): number => dump.readUInt32BE(4 * index)
  if (word(HEAD.bitsPerPixel) !== 32) throw new Error('a screen of 24 bits in words of 32 was asked for')
  const [width, height] = [word(HEAD.width), word(HEAD.height)]
  const start = word(HEAD.size) + BYTES_PER_COLOUR * word(HEAD.colours)
  const pixels = Buffer.alloc(width * height * 3)
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const from = start + row * word(HEAD.bytesPerLine) + 4 * column
      const to = 3 * (row * width + column)
      pixels[to] = dump[from + 2] ?? 0
      pixels[to + 1] = dump[from + 1] ?? 0
      pixels[to + 2] = dump[from] ?? 0
    }
  }
  mkdirSync(shots, { recursive: true })
  await sharp(pixels, { raw: { width, height, channels: 3 } })
    .trim()
    .png()
    .toFile(join(shots, `screen-${name}.png`))
}
