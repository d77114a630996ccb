/** A PDF of our own read again: how many pages and pictures it has, and the text that a reader would find. */

export interface ReadPdf {
  readonly pages: number
  readonly pictures: number
  /** Without white space, in the order of drawing. */
  readonly text: string
}

type Objects = ReadonlyMap<number, string>

/** Bodies of the objects by their number; the file is not packed, so that this is all of its structure. */
function objectsOf(file: string): Objects {
  const found = new Map<number, string>()
  for (const [, number = '', body = ''] of file.matchAll(/(?:^|\n)(\d+) 0 obj\n([^]*?)\nendobj/g))
    found.set(Number(number), body)
  return found
}

const reference = (body: string, name: string): number | null => {
  const number = new RegExp(`/${name} (\\d+) 0 R`).exec(body)?.[1]
  return number === undefined ? null : Number(number)
}

const hexText = (hex: string): string =>
  hex
    .trim()
    .split(/\s+/)
    .map((part) =>
      part === ''
        ? ''
        : String.fromCharCode(...(part.match(/.{4}/g) ?? []).map((unit) => parseInt(unit, 16))),
    )
    .join('')

/** What each glyph of a font stands for (its ToUnicode map). */
function glyphsOf(map: string): ReadonlyMap<number, string> {
  const glyphs = new Map<number, string>()
  for (const [, first = '0', list = ''] of map.matchAll(/<([0-9a-f]{4})> <[0-9a-f]{4}> \[([^\]]*)\]/g)) {
    let glyph = parseInt(first, 16)
    for (const [, hex = ''] of list.matchAll(/<([^>]*)>/g)) {
      glyphs.set(glyph, hexText(hex))
      glyph += 1
    }
  }
  return glyphs
}

/** Text of a content stream: strings of glyphs in the font that was chosen before them. */
function textOf(content: string, fonts: ReadonlyMap<string, ReadonlyMap<number, string>>): string {
  let glyphs: ReadonlyMap<number, string> = new Map()
  let text = ''
  for (const [, font, shown] of content.matchAll(/\/(F\d+) [\d.]+ Tf|\[((?:<[0-9a-f]*>|[-\d. ])*)\] TJ/g)) {
    if (font !== undefined) glyphs = fonts.get(font) ?? new Map()
    for (const [, hex = ''] of (shown ?? '').matchAll(/<([0-9a-f]*)>/g))
      for (const glyph of hex.match(/.{4}/g) ?? []) text += glyphs.get(parseInt(glyph, 16)) ?? '\ufffd'
  }
  return text
}

export function readPdf(bytes: Uint8Array): ReadPdf {
  const objects = objectsOf(Buffer.from(bytes).toString('latin1'))
  const bodies = [...objects.values()]
  const pages = bodies.filter((body) => /\/Type \/Page\b(?!s)/.test(body))
  const fonts = new Map<string, ReadonlyMap<number, string>>()
  for (const body of bodies)
    for (const [, name = '', number = ''] of body.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
      const map = reference(objects.get(Number(number)) ?? '', 'ToUnicode')
      fonts.set(name, glyphsOf(map === null ? '' : (objects.get(map) ?? '')))
    }
  const text = pages
    .map((page) => {
      const content = reference(page, 'Contents')
      return content === null ? '' : textOf(objects.get(content) ?? '', fonts)
    })
    .join('')
  const pictures = bodies.filter((body) => /\/Subtype \/Image\b/.test(body)).length
  return { pages: pages.length, pictures, text: text.replace(/\s/g, '') }
}
