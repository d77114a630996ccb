/** The central directory of a ZIP archive (APPNOTE 6.3.x, 4.3.12 and 4.3.16). Names are names only: nothing is written to disk. */
import { crc32 } from 'node:zlib'
import { refuse } from '../../../contract'
import type { Refusal, Result } from '../../../contract'
import type { OpenSource } from './file-bytes'
import type { ArchiveEntry, ArchiveListing } from './job'
import { MAX_ARCHIVE_ENTRIES, MAX_CENTRAL_DIRECTORY_BYTES } from './limits'

const END_BYTES = 22
const LONGEST_COMMENT = 65535
const ENTRY_BYTES = 46
const LOCAL_HEADER_BYTES = 30
const FOUR_GB = 0xffffffff
const SYMLINK = 0o120000
const FILE_TYPE = 0o170000

interface Directory {
  readonly count: number
  readonly bytes: Uint8Array
}

function findDirectory(open: OpenSource): Result<Directory> {
  const damaged = (reason: string): Result<never> =>
    refuse('archive-damaged', reason, { next: 'Download or pack the archive again.' })
  const tailStart = Math.max(0, open.totalBytes - END_BYTES - LONGEST_COMMENT)
  const tail = open.read(tailStart, open.totalBytes - tailStart)
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength)
  let at = tail.length - END_BYTES
  while (at >= 0 && view.getUint32(at, true) !== 0x06054b50) at -= 1
  if (at < 0) return damaged('The archive is cut: its directory is missing.')
  const count = view.getUint16(at + 10, true)
  const sizeBytes = view.getUint32(at + 12, true)
  const offset = view.getUint32(at + 16, true)
  if (sizeBytes === FOUR_GB || offset === FOUR_GB || count === 0xffff) {
    return refuse('archive-too-large', 'Archives of over 4 GB or 65,534 entries (ZIP64) are not opened.', {
      next: 'Unpack it and open the folder.',
    })
  }
  if (count > MAX_ARCHIVE_ENTRIES || sizeBytes > MAX_CENTRAL_DIRECTORY_BYTES) {
    return refuse(
      'archive-too-large',
      `The archive lists ${count} entries; at most ${MAX_ARCHIVE_ENTRIES} are opened.`,
      { next: 'Unpack it and open the folder.' },
    )
  }
  if (offset + sizeBytes > open.totalBytes)
    return damaged('The archive is cut: its directory lies outside of it.')
  return { ok: true, value: { count, bytes: open.read(offset, sizeBytes) } }
}

/** Why a name is not opened; null for a good one. Names that climb out are refused although nothing is ever written. */
function nameProblem(name: string): string | null {
  if (name.includes('\0')) return 'its name holds a NUL'
  if (name.startsWith('/') || name.startsWith('\\') || /^[A-Za-z]:/.test(name))
    return 'its name is an absolute path'
  return name.split(/[/\\]/).includes('..') ? 'its name climbs out of the archive' : null
}

/** Code page 437 from 0x80 on: the names of ZIP files without a flag (APPNOTE 4.4.4 and appendix D.1). */
const CP437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0'

/**
 * A name as it was meant: bytes that are valid UTF-8 are UTF-8, flagged or not (macOS and Java leave the flag out),
 * others code page 437. Letters are composed, so that a name from macOS is the name that others write.
 */
export function entryName(raw: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(raw).normalize('NFC')
  } catch {
    return Array.from(raw, (byte) =>
      byte < 0x80 ? String.fromCharCode(byte) : (CP437[byte - 0x80] ?? '?'),
    ).join('')
  }
}

const UNICODE_PATH = 0x7075

/**
 * The name in the extra field of Info-ZIP (APPNOTE 4.6.9): UTF-8 beside a name of another character set; null where
 * there is none, or where it is of another name than the one that stands here.
 */
export function unicodeName(extra: Uint8Array, raw: Uint8Array): string | null {
  const view = new DataView(extra.buffer, extra.byteOffset, extra.byteLength)
  for (let at = 0; at + 4 <= extra.length;) {
    const size = view.getUint16(at + 2, true)
    const isWhole = size > 5 && at + 4 + size <= extra.length
    if (view.getUint16(at, true) === UNICODE_PATH && isWhole && extra[at + 4] === 1)
      return view.getUint32(at + 5, true) === crc32(raw)
        ? entryName(extra.subarray(at + 9, at + 4 + size))
        : null
    at += 4 + size
  }
  return null
}

const isMacMetadata = (name: string): boolean => name.startsWith('__MACOSX/')

/** Lists what is in an archive; entries that are links, encrypted or climb out are refused one by one. */
export function listArchive(open: OpenSource, path: string): Result<ArchiveListing> {
  const found = findDirectory(open)
  if (!found.ok) return found
  const { bytes, count } = found.value
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const entries: ArchiveEntry[] = []
  const refused: Refusal[] = []
  let at = 0
  for (let index = 0; index < count; index += 1) {
    if (at + ENTRY_BYTES > bytes.length || view.getUint32(at, true) !== 0x02014b50) {
      refused.push({
        code: 'archive-damaged',
        reason: `The directory of the archive is damaged behind entry ${index}.`,
        path,
      })
      break
    }
    const nameBytes = view.getUint16(at + 28, true)
    const flags = view.getUint16(at + 8, true)
    const raw = bytes.subarray(at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes)
    const extra = bytes.subarray(
      at + ENTRY_BYTES + nameBytes,
      at + ENTRY_BYTES + nameBytes + view.getUint16(at + 30, true),
    )
    const name = unicodeName(extra, raw) ?? entryName(raw)
    const mode = view.getUint32(at + 38, true) >>> 16
    const entry: ArchiveEntry = {
      name,
      method: view.getUint16(at + 10, true),
      crc32: view.getUint32(at + 16, true),
      packedBytes: view.getUint32(at + 20, true),
      headerOffset: view.getUint32(at + 42, true),
    }
    at += ENTRY_BYTES + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
    if (name.endsWith('/') || isMacMetadata(name)) continue
    const problem =
      nameProblem(name) ??
      ((mode & FILE_TYPE) === SYMLINK ? 'it is a symbolic link' : null) ??
      ((flags & 1) === 1 ? 'it is encrypted' : null)
    if (problem === null) entries.push(entry)
    else
      refused.push({
        code: 'path-outside-roots',
        reason: `The entry was not opened: ${problem}.`,
        path: `${path}!/${name}`,
      })
  }
  const overlapping = overlappingEntry(entries)
  return overlapping === null
    ? { ok: true, value: { entries, refused } }
    : refuse('archive-damaged', `The entry ${overlapping.name} lies over another one: no program packs so.`, {
        next: 'Download or pack the archive again.',
      })
}

/** Entries that share bytes unfold to far more than the archive has: such an archive is not opened. */
function overlappingEntry(entries: readonly ArchiveEntry[]): ArchiveEntry | null {
  let endOfLast = 0
  for (const entry of entries.toSorted((a, b) => a.headerOffset - b.headerOffset)) {
    if (entry.headerOffset < endOfLast) return entry
    endOfLast = entry.headerOffset + LOCAL_HEADER_BYTES + entry.packedBytes
  }
  return null
}
