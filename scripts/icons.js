import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { root } from './setup/steps.js'

/** `npm run icons`: the mark (src/renderer/theme/mark.svg) in every size and form that a desktop asks for, in icons/. */

const folder = join(root, 'icons')
/** Sizes of the freedesktop icon theme; 512 also stands for the others' largest. */
const SIZES_PX = [16, 24, 32, 48, 64, 128, 256, 512]

/** @param {number} sizePx @returns {Promise<Buffer>} */
const picture = (sizePx) =>
  sharp(join(root, 'src', 'renderer', 'theme', 'mark.svg'), { density: (72 * sizePx) / 20 })
    .resize(sizePx, sizePx)
    .ensureAlpha()
    .png({ compressionLevel: 9 })
    .toBuffer()

/**
 * Windows: a directory of 16-byte entries, then the pictures as PNG.
 *
 * @param {readonly { readonly sizePx: number, readonly png: Buffer }[]} pictures
 */
function icoOf(pictures) {
  const head = Buffer.alloc(6 + 16 * pictures.length)
  head.writeUInt16LE(1, 2)
  head.writeUInt16LE(pictures.length, 4)
  let offset = head.length
  for (const [index, { sizePx, png }] of pictures.entries()) {
    const at = 6 + 16 * index
    // 256 is written as 0.
    head.writeUInt8(sizePx % 256, at)
    head.writeUInt8(sizePx % 256, at + 1)
    head.writeUInt16LE(1, at + 4)
    head.writeUInt16LE(32, at + 6)
    head.writeUInt32LE(png.length, at + 8)
    head.writeUInt32LE(offset, at + 12)
    offset += png.length
  }
  return Buffer.concat([head, ...pictures.map(({ png }) => png)])
}

/** macOS: names of four letters for each size; those of twice the density are pictures of the next size. */
const ICNS_NAMES = /** @type {const} */ ([
  ['icp4', 16],
  ['icp5', 32],
  ['ic11', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic08', 256],
  ['ic13', 256],
  ['ic09', 512],
  ['ic14', 512],
])

/** @param {ReadonlyMap<number, Buffer>} bySize */
function icnsOf(bySize) {
  const blocks = ICNS_NAMES.flatMap(([name, sizePx]) => {
    const png = bySize.get(sizePx) ?? Buffer.alloc(0)
    return [blockHead(name, png.length + 8), png]
  })
  const body = Buffer.concat(blocks)
  return Buffer.concat([blockHead('icns', body.length + 8), body])
}

/** @param {string} name @param {number} length with this head */
function blockHead(name, length) {
  const head = Buffer.alloc(8)
  head.write(name, 'latin1')
  head.writeUInt32BE(length, 4)
  return head
}

mkdirSync(folder, { recursive: true })
const pictures = await Promise.all(SIZES_PX.map(async (sizePx) => ({ sizePx, png: await picture(sizePx) })))
for (const { sizePx, png } of pictures) writeFileSync(join(folder, `${sizePx}.png`), png)
writeFileSync(join(folder, 'margin.ico'), icoOf(pictures.filter(({ sizePx }) => sizePx <= 256)))
writeFileSync(
  join(folder, 'margin.icns'),
  icnsOf(new Map(pictures.map(({ sizePx, png }) => /** @type {const} */ ([sizePx, png])))),
)
