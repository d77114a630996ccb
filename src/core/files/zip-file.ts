/**
 * ZIP archives (APPNOTE 6.3.10) that are the same bytes for the same content: entries in the order given, no times,
 * names in UTF-8, deflated by deflate-runs.ts where that is smaller.
 */
import { accept, refuse, type Result } from '../../contract'
import { crc32 } from './checksums'
import { deflateRuns } from './deflate-runs'
import type { NamedFile } from './named-file'

const LOCAL = 0x04034b50
const CENTRAL = 0x02014b50
const END = 0x06054b50
const UTF8_NAMES = 0x0800
const VERSION = 20
/** 1 January 1980, the first day that the format knows. */
const FIRST_DATE = 0x0021
const MOST_ENTRIES = 65_535
const MOST_BYTES = 0xffffffff

interface Entry {
  readonly name: Uint8Array
  readonly body: Uint8Array
  readonly method: 0 | 8
  readonly crc: number
  readonly size: number
}

function entryOf({ path, bytes }: NamedFile): Entry {
  const deflated = deflateRuns(bytes)
  const isSmaller = deflated.length < bytes.length
  return {
    name: new TextEncoder().encode(path),
    body: isSmaller ? deflated : bytes,
    method: isSmaller ? 8 : 0,
    crc: crc32(bytes),
    size: bytes.length,
  }
}

/** What local and central heads share: version needed to uncompressed size, and the length of the name. */
function putShared(view: DataView, at: number, entry: Entry): void {
  view.setUint16(at, VERSION, true)
  view.setUint16(at + 2, UTF8_NAMES, true)
  view.setUint16(at + 4, entry.method, true)
  view.setUint16(at + 8, FIRST_DATE, true)
  view.setUint32(at + 10, entry.crc, true)
  view.setUint32(at + 14, entry.body.length, true)
  view.setUint32(at + 18, entry.size, true)
  view.setUint16(at + 22, entry.name.length, true)
}

function localHead(entry: Entry): Uint8Array {
  const head = new Uint8Array(30 + entry.name.length)
  const view = new DataView(head.buffer)
  view.setUint32(0, LOCAL, true)
  putShared(view, 4, entry)
  head.set(entry.name, 30)
  return head
}

function centralHead(entry: Entry, offset: number): Uint8Array {
  const head = new Uint8Array(46 + entry.name.length)
  const view = new DataView(head.buffer)
  view.setUint32(0, CENTRAL, true)
  view.setUint16(4, VERSION, true)
  putShared(view, 6, entry)
  view.setUint32(42, offset, true)
  head.set(entry.name, 46)
  return head
}

/** True for a path with forward slashes that stays inside the folder it is unpacked into. */
const isSafe = (path: string): boolean =>
  path !== '' &&
  !/[\\:\0]/.test(path) &&
  path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')

/** A ZIP of files. Refused: paths that lead outside, repeated paths, more than the format without extensions holds. */
export function writeZip(files: readonly NamedFile[]): Result<Uint8Array> {
  const wrong = files.find(({ path }) => !isSafe(path))
  if (wrong !== undefined) return refuse('internal', `"${wrong.path}" is no path inside an archive.`)
  if (new Set(files.map(({ path }) => path)).size < files.length) {
    return refuse('internal', 'Two files of an archive have the same path.')
  }
  const parts: Uint8Array[] = []
  const central: Uint8Array[] = []
  let offset = 0
  for (const entry of files.map(entryOf)) {
    const head = localHead(entry)
    central.push(centralHead(entry, offset))
    parts.push(head, entry.body)
    offset += head.length + entry.body.length
  }
  const centralBytes = central.reduce((sum, head) => sum + head.length, 0)
  if (files.length > MOST_ENTRIES || offset + centralBytes > MOST_BYTES) {
    return refuse('limit-reached', 'The archive would be larger than a ZIP file can be.', {
      next: 'Hand fewer readings out at once.',
    })
  }
  const end = new Uint8Array(22)
  const view = new DataView(end.buffer)
  view.setUint32(0, END, true)
  view.setUint16(8, files.length, true)
  view.setUint16(10, files.length, true)
  view.setUint32(12, centralBytes, true)
  view.setUint32(16, offset, true)
  const archive = new Uint8Array(offset + centralBytes + end.length)
  let at = 0
  for (const part of [...parts, ...central, end]) {
    archive.set(part, at)
    at += part.length
  }
  return accept(archive)
}
