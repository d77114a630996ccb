import { createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { accept, refuse } from '../../contract'
import type { Result } from '../../contract'

/** Bounds of what a page may lay down in one session. Larger work is opened by path, which copies nothing. */
export interface UploadLimits {
  /** Drops of one session; each is a name in memory, and a folder. */
  readonly uploads: number
  readonly filesPerUpload: number
  readonly fileBytes: number
  readonly totalBytes: number
}

export const uploadLimits: UploadLimits = {
  uploads: 10_000,
  filesPerUpload: 20_000,
  fileBytes: 4_000_000_000,
  totalBytes: 16_000_000_000,
}

/** Deep enough for every study folder; short enough for every file system. */
const MAX_DEPTH = 16
const MAX_NAME_BYTES = 200

/** Files that a page sent because it cannot name a path: dropped on the window, or picked in a browser. */
export interface Uploads {
  /** Lays one file down under its relative path. Refused: unclean paths, too much, a path sent twice. */
  readonly put: (
    uploadId: string,
    relativePath: string,
    body: ReadableStream<Uint8Array> | null,
  ) => Promise<Result<{ readonly path: string; readonly sizeBytes: number }>>
  /** The folder of an upload that holds at least one file. */
  readonly folder: (uploadId: string) => Result<string>
}

export function createUploads(uploadDir: string, limits: UploadLimits = uploadLimits): Uploads {
  const filesByUpload = new Map<string, number>()
  let totalBytes = 0

  async function put(
    uploadId: string,
    relativePath: string,
    body: ReadableStream<Uint8Array> | null,
  ): ReturnType<Uploads['put']> {
    const clean = cleanRelativePath(relativePath)
    if (clean === null) {
      return refuse('request-invalid', 'The name of this file cannot be kept.', { path: relativePath })
    }
    const files = filesByUpload.get(uploadId) ?? 0
    if (files === 0 && filesByUpload.size >= limits.uploads) {
      return refuse('limit-reached', `Files were dropped ${limits.uploads} times in this session.`, {
        next: 'Start Margin again, or open the folder by its path: margin open PATH.',
      })
    }
    if (files >= limits.filesPerUpload) {
      return refuse('limit-reached', `More than ${limits.filesPerUpload} files were dropped.`, openByPath)
    }
    filesByUpload.set(uploadId, files + 1)
    const path = join(uploadDir, uploadId, clean)
    let sizeBytes = 0
    const meter = new Transform({
      transform(chunk: Uint8Array, _encoding, done) {
        sizeBytes += chunk.byteLength
        totalBytes += chunk.byteLength
        const over = sizeBytes > limits.fileBytes || totalBytes > limits.totalBytes
        done(over ? new OverLimit() : null, chunk)
      },
    })
    try {
      await mkdir(dirname(path), { recursive: true })
      // wx: a path that was sent already is never overwritten.
      await pipeline(chunksOf(body), meter, createWriteStream(path, { flags: 'wx' }))
      return accept({ path: clean, sizeBytes })
    } catch (error) {
      totalBytes -= sizeBytes
      return await refusedUpload(error, path, clean)
    }
  }

  return {
    put,
    folder: (uploadId) =>
      filesByUpload.has(uploadId)
        ? accept(join(uploadDir, uploadId))
        : refuse('not-found', 'Nothing was uploaded under this name.'),
  }
}

class OverLimit extends Error {}

const openByPath = { next: 'Open the folder by its path instead: margin open PATH.' }

async function refusedUpload(error: unknown, path: string, clean: string): ReturnType<Uploads['put']> {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code === 'EEXIST' || code === 'EISDIR' || code === 'ENOTDIR') {
    return refuse('request-invalid', 'A file of this name was already sent.', { path: clean })
  }
  await rm(path, { force: true })
  if (error instanceof OverLimit) {
    return refuse('limit-reached', 'The file, or all files together, are too large to be copied.', {
      path: clean,
      ...openByPath,
    })
  }
  return refuse('file-unreadable', 'The file did not arrive whole.', { path: clean })
}

/** The bytes of a request's body as they arrive; leaving early tells the sender to stop. */
async function* chunksOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  if (body === null) return
  const reader = body.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel()
  }
}

/**
 * A relative path that stays below its folder on every file system, or null: no empty, dot or dot-dot segment, no
 * control character. Characters and names that Windows keeps for itself are replaced.
 */
export function cleanRelativePath(path: string): string | null {
  const segments = path.split('/')
  if (segments.length > MAX_DEPTH) return null
  const clean: string[] = []
  for (const segment of segments) {
    if (segment === '' || segment === '.' || segment === '..' || /[\u0000-\u001f\u007f]/.test(segment))
      return null
    if (Buffer.byteLength(segment) > MAX_NAME_BYTES) return null
    clean.push(
      segment
        .replace(/[\\<>:"|?*]/g, '_')
        .replace(/[. ]+$/, '_')
        .replace(/^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i, '_$1'),
    )
  }
  return clean.join('/')
}
