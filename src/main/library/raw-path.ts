/**
 * Paths whose names are no UTF-8, as old shares and archives leave them. Inside the program each byte that is no text
 * stands as a lone surrogate, U+DC80 to U+DCFF, as in PEP 383: such a path is a string like any other, no two files
 * have the same, and the system gets the bytes back.
 */
const LOWEST = 0xdc00
const RAW = /[\udc80-\udcff]/
const EACH_RAW = /(?<![\ud800-\udbff])[\udc80-\udcff]/g
const REPLACED = '\ufffd'

const isRaw = (path: string): boolean => RAW.test(path) && path.search(EACH_RAW) >= 0

/** A path of the system as the program keeps it. */
export function pathOfBytes(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  if (!text.includes(REPLACED) || Buffer.from(text).equals(bytes)) return text
  let path = ''
  for (let at = 0; at < bytes.length;) {
    const length = letterBytes(bytes, at)
    path +=
      length > 0 ? bytes.toString('utf8', at, at + length) : String.fromCharCode(LOWEST + (bytes[at] ?? 0))
    at += Math.max(1, length)
  }
  return path
}

/** How many bytes from `at` on are one letter of UTF-8; 0 where they are none. */
function letterBytes(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0
  const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0
  if (length === 0 || at + length > bytes.length) return 0
  const letter = bytes.toString('utf8', at, at + length)
  return Buffer.from(letter).equals(bytes.subarray(at, at + length)) ? length : 0
}

/** What the system is asked with: the path itself, or its bytes where they are no text. */
export function systemPath(path: string): string | Buffer {
  if (!isRaw(path)) return path
  const parts: Buffer[] = []
  let from = 0
  for (const { index } of path.matchAll(EACH_RAW)) {
    parts.push(Buffer.from(path.slice(from, index)), Buffer.of(path.charCodeAt(index) - LOWEST))
    from = index + 1
  }
  return Buffer.concat([...parts, Buffer.from(path.slice(from))])
}

/** A name as people read it: bytes that are no UTF-8 are nearly always Latin-1. */
export const shownName = (name: string): string =>
  isRaw(name) ? name.replace(EACH_RAW, (byte) => String.fromCharCode(byte.charCodeAt(0) - LOWEST)) : name

/** The same where another file has that name: each such byte as `\xE9`. */
export const escapedName = (name: string): string =>
  name.replace(EACH_RAW, (byte) => `\\x${(byte.charCodeAt(0) - LOWEST).toString(16).toUpperCase()}`)
