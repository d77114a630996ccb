/** Bytes of a source, synchronously: this runs in decode threads, where waiting is the work. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { refuse } from '../../../contract'
import type { Result } from '../../../contract'
import { inflatedLimitBytes } from '../../../core/dicom/limits'
import { systemPath } from '../raw-path'
import { inflateRaw } from './inflate'
import { isGzip, unpackedGzip } from './gzip-source'
import { sourceKey } from './job'
import type { ArchiveEntry, Source } from './job'
import { MAX_WHOLE_FILE_BYTES } from './limits'

/** A source that is open: `read` gives fewer bytes than asked for at the end. */
export interface OpenSource {
  readonly totalBytes: number
  readonly read: (offset: number, length: number) => Uint8Array<ArrayBuffer>
  /** It lay in a gzip file: only what is read here, and nothing that others read by its path. */
  readonly isUnpacked?: true
}

function readRange(descriptor: number, offset: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length)
  let done = 0
  while (done < length) {
    const count = readSync(descriptor, bytes, done, length - done, offset + done)
    if (count === 0) break
    done += count
  }
  return done === length ? bytes : bytes.slice(0, done)
}

const LOCAL_HEADER_BYTES = 30
const STORED = 0
const DEFLATED = 8

/** The content of one entry, inflated within the limits whatever size the archive declares. */
function readEntry(
  descriptor: number,
  totalBytes: number,
  entry: ArchiveEntry,
): Result<Uint8Array<ArrayBuffer>> {
  const damaged = (reason: string): Result<never> => refuse('archive-damaged', reason)
  const header = readRange(descriptor, entry.headerOffset, LOCAL_HEADER_BYTES)
  const view = new DataView(header.buffer)
  if (header.length < LOCAL_HEADER_BYTES || view.getUint32(0, true) !== 0x04034b50)
    return damaged('The archive has no such entry where its directory says.')
  const start = entry.headerOffset + LOCAL_HEADER_BYTES + view.getUint16(26, true) + view.getUint16(28, true)
  if (start + entry.packedBytes > totalBytes) return damaged('The archive ends inside this entry.')
  if (entry.packedBytes > MAX_WHOLE_FILE_BYTES)
    return refuse('archive-too-large', `The entry has ${entry.packedBytes} bytes.`)
  const packed = readRange(descriptor, start, entry.packedBytes)
  const isWhole = (bytes: Uint8Array): boolean => crc32(bytes) === entry.crc32
  const changed = damaged('The content of the entry does not fit its checksum: it was damaged on the way.')
  if (entry.method === STORED) return isWhole(packed) ? { ok: true, value: packed } : changed
  if (entry.method !== DEFLATED)
    return refuse(
      'archive-damaged',
      `The entry is packed by method ${entry.method}; only store and deflate are read.`,
    )
  const inflated = inflateRaw(packed, inflatedLimitBytes(packed.length), {
    damaged: 'archive-damaged',
    tooLarge: 'archive-too-large',
  })
  if (!inflated.ok) return inflated
  return isWhole(inflated.value) ? { ok: true, value: new Uint8Array(inflated.value) } : changed
}

/** The source itself, or what is in it where it is a gzip file; `version` tells two states of one file apart. */
function throughGzip<T>(
  source: Source,
  version: string,
  open: OpenSource,
  use: (open: OpenSource) => Result<T>,
): Result<T> {
  if (!isGzip(open.read(0, 2))) return use(open)
  if (open.totalBytes > MAX_WHOLE_FILE_BYTES)
    return refuse('limit-reached', `The gzip file has ${open.totalBytes} bytes.`, { next: 'Unpack it.' })
  const bytes = unpackedGzip(`${sourceKey(source)}|${version}`, () => open.read(0, open.totalBytes))
  return bytes.ok ? use({ ...fromBytes(bytes.value), isUnpacked: true }) : bytes
}

const fromBytes = (bytes: Uint8Array<ArrayBuffer>): OpenSource => ({
  totalBytes: bytes.length,
  read: (offset, length) => bytes.slice(offset, offset + length),
})

const reasonOf = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const words: Readonly<Record<string, string>> = {
    ENOENT: 'it is not there (any more)',
    EACCES: 'no permission to read it',
    EPERM: 'no permission to read it',
    EISDIR: 'it is a folder',
    ELOOP: 'its links go round in a circle',
    ENAMETOOLONG: 'its name is too long',
  }
  return words[code] ?? (code === '' ? 'reading failed' : `reading failed (${code})`)
}

/**
 * Links were followed when the file was found: one that took its place since is not opened, and a pipe does not make
 * the thread wait. Windows has neither flag: there they are undefined and count as 0.
 */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** Opens a source for `use`, and closes it whatever happens. A file that cannot be read is refused with the reason. */
export function withSource<T>(
  source: Source,
  use: (open: OpenSource, version: string) => Result<T>,
): Result<T> {
  let descriptor: number | null = null
  try {
    descriptor = openSync(systemPath(source.file), OPEN_FLAGS)
    const open = descriptor
    const stat = fstatSync(open)
    if (!stat.isFile()) return refuse('file-unreadable', 'It is no ordinary file.')
    const version = `${stat.size}|${stat.mtimeMs}`
    if (source.version !== undefined && source.version !== version)
      return refuse('file-unreadable', 'The file has changed since it was listed.', {
        next: 'Scan its folder again.',
      })
    const useIt = (opened: OpenSource): Result<T> => use(opened, version)
    if (source.kind === 'file') {
      const file: OpenSource = {
        totalBytes: stat.size,
        read: (offset, length) => readRange(open, offset, Math.max(0, Math.min(length, stat.size - offset))),
      }
      return throughGzip(source, version, file, useIt)
    }
    const entry = readEntry(open, stat.size, source.entry)
    return entry.ok ? throughGzip(source, version, fromBytes(entry.value), useIt) : entry
  } catch (error) {
    // What is no word of the operating system is not about the file: it goes on up.
    if (!(error instanceof Error && 'code' in error)) throw error
    return refuse('file-unreadable', `The file cannot be read: ${reasonOf(error)}.`, {
      next: 'Check the path and the permissions.',
    })
  } finally {
    if (descriptor !== null) closeSync(descriptor)
  }
}
