import { createHash } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { z } from 'zod'
import { accept, PIXELS_HEADER, refuse } from '../../contract'
import type { Rater, Refusal, RefusalCode, Result } from '../../contract'
import type { ExportedFile } from '../exchange/exported-file'
import type { PixelBody } from '../library/library-service'
import { givingWay } from '../readings/in-slices'
import { noteUnread } from './unread-answers'

/** A request's JSON is parameters, never pixels. */
const MAX_BODY_BYTES = 1_000_000
/** A panel of thousands of cases has some; each wrong one is a complaint of its own, and half a million take 2 s. */
const MOST_VALUES = 20_000

/** 4xx: the request or the data is at fault. 5xx: this program or this computer is. */
const statusByCode: Record<RefusalCode, ContentfulStatusCode> = {
  'file-unreadable': 422,
  'file-empty': 422,
  'not-dicom': 422,
  truncated: 422,
  'structure-damaged': 422,
  'transfer-syntax-unknown': 422,
  'transfer-syntax-unsupported': 422,
  'pixels-absent': 422,
  'pixels-truncated': 422,
  'pixels-damaged': 422,
  'pixels-too-large': 422,
  'pixel-format-unsupported': 422,
  'picture-unsupported': 422,
  'picture-black': 409,
  'archive-damaged': 422,
  'archive-too-large': 413,
  'annotation-unsupported': 422,
  'annotation-damaged': 422,
  'annotation-mismatch': 409,
  // Comes in where it is asked for once more.
  'annotation-doubtful': 409,
  'path-outside-roots': 403,
  'not-found': 404,
  'request-invalid': 400,
  'model-refused': 422,
  'model-missing': 404,
  'model-mismatch': 409,
  'device-failed': 503,
  'inference-failed': 500,
  'signed-out': 401,
  'not-allowed': 403,
  blind: 403,
  'revision-conflict': 409,
  'attempt-fixed': 409,
  'workspace-failed': 503,
  'pacs-settings': 409,
  'pacs-unreachable': 502,
  'pacs-refused': 502,
  'pacs-stalled': 504,
  'pacs-damaged': 502,
  'pacs-mismatch': 502,
  cancelled: 409,
  // Said by the page alone, of a program that does not answer.
  'no-answer': 503,
  'limit-reached': 413,
  internal: 500,
}

/** A refusal as every route answers it: `{ refusal }` with the status that fits its code. */
export function answerRefusal(c: Context, refusal: Refusal): Response {
  return c.json({ refusal }, statusByCode[refusal.code])
}

/** A result as JSON, or its refusal. */
export function answerJson<T>(c: Context, result: Result<T>): Response {
  return result.ok ? c.json(result.value) : answerRefusal(c, result.refusal)
}

/**
 * A result as JSON, written with turns for others in between: what the journal of a reading or a comparison says may be
 * tens of megabytes.
 */
export async function answerJsonInTurns<T>(c: Context, result: Result<T>): Promise<Response> {
  if (!result.ok) return answerRefusal(c, result.refusal)
  const giveWay = givingWay()
  const parts: Uint8Array[] = []
  let text = ''
  for (const piece of jsonPieces(result.value, PIECED_DEPTH)) {
    text += piece
    if (text.length < CHUNK_BYTES) continue
    parts.push(Buffer.from(text))
    text = ''
    await giveWay()
  }
  if (parts.length === 0) return c.body(text, 200, { 'content-type': 'application/json' })
  parts.push(Buffer.from(text))
  return answerLarge(c, Buffer.concat(parts), { 'content-type': 'application/json' })
}

/** Members of lists of the answer are written one by one: a gesture, a reading, a row. */
const PIECED_DEPTH = 3

/** Texts that, one after another, are `JSON.stringify`. */
function* jsonPieces(value: unknown, depth: number): Generator<string, void, undefined> {
  if (depth === 0 || typeof value !== 'object' || value === null || 'toJSON' in value) {
    yield value === undefined ? 'null' : JSON.stringify(value)
    return
  }
  const isList = Array.isArray(value)
  yield isList ? '[' : '{'
  let before = ''
  for (const [key, member] of Object.entries(value)) {
    if (!isList && member === undefined) continue
    yield isList ? before : `${before}${JSON.stringify(key)}:`
    yield* jsonPieces(member, depth - 1)
    before = ','
  }
  yield isList ? ']' : '}'
}

/** Pixels with their description in the header `margin-pixels`. */
export async function answerPixels(c: Context, result: Result<PixelBody>): Promise<Response> {
  if (!result.ok) return answerRefusal(c, result.refusal)
  const description = JSON.stringify(result.value.description)
  return answerBytes(c, result.value.bytes, 'application/octet-stream', {
    [PIXELS_HEADER]: ascii(description),
  })
}

/** A PNG, or the refusal. */
export async function answerPng(c: Context, result: Result<Uint8Array>): Promise<Response> {
  return result.ok ? answerBytes(c, result.value, 'image/png', {}) : answerRefusal(c, result.refusal)
}

/** An archive to be saved under its name, or the refusal. */
export async function answerZip(c: Context, file: Result<ExportedFile>): Promise<Response> {
  if (!file.ok) return answerRefusal(c, file.refusal)
  const name = file.value.name.replace(/[^\w.-]/g, '_')
  return answerBytes(c, file.value.bytes, 'application/zip', {
    'content-disposition': `attachment; filename="${name}"`,
  })
}

/**
 * Bytes named by their hash: a page that has them already gets 304. `no-cache` means ask, not forget: the file on
 * disk may change while its address stays.
 */
export async function answerBytes(
  c: Context,
  bytes: Uint8Array,
  type: string,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  const etag = await etagOf(bytes, headers[PIXELS_HEADER] ?? '')
  const caching = { etag, 'cache-control': 'private, no-cache' }
  if (c.req.header('if-none-match') === etag) return c.body(null, 304, caching)
  const sized = { ...headers, ...caching, 'content-type': type }
  if (bytes.length <= CHUNK_BYTES) return c.body(new Uint8Array(bytes), 200, sized)
  return answerLarge(c, bytes, sized)
}

/** Sent piece by piece; refused where the person has too much on its way that is not read. */
function answerLarge(c: Context, bytes: Uint8Array, headers: Readonly<Record<string, string>>): Response {
  const noted = noteUnread((c.get('rater') as Rater | null | undefined)?.raterId ?? '', bytes)
  if (!noted.ok) return answerRefusal(c, noted.refusal)
  return c.body(inChunks(bytes, noted.value), 200, { ...headers, 'content-length': String(bytes.length) })
}

/** Hashed and copied at once: a millisecond or two. A large picture has 200 MB. */
const CHUNK_BYTES = 1_000_000
/** Of bytes that are kept and given out again. */
const etags = new WeakMap<Uint8Array, { readonly header: string; readonly etag: string }>()

async function etagOf(bytes: Uint8Array, header: string): Promise<string> {
  const known = etags.get(bytes)
  if (known?.header === header) return known.etag
  const hash = createHash('sha256').update(header)
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    hash.update(bytes.subarray(at, at + CHUNK_BYTES))
    if (bytes.length > CHUNK_BYTES) await turn()
  }
  const etag = `"${hash.digest('base64url')}"`
  etags.set(bytes, { header, etag })
  return etag
}

/** Copied piece by piece as they are read: who reads slowly, or not at all, costs the bytes and one piece. */
function inChunks(bytes: Uint8Array, over: () => void): ReadableStream<Uint8Array> {
  let at = 0
  return new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        controller.enqueue(bytes.slice(at, at + CHUNK_BYTES))
        at += CHUNK_BYTES
        if (at < bytes.length) return
        controller.close()
        over()
      },
      cancel: over,
    },
    { highWaterMark: 0 },
  )
}

/** JSON that fits in a header: everything outside ASCII is escaped. */
function ascii(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** Parameters, a query or a body against its schema. */
export function parse<S extends z.ZodType>(schema: S, value: unknown): Result<z.infer<S>> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return accept(parsed.data)
  const where = parsed.error.issues[0]
  const field = where === undefined || where.path.length === 0 ? 'the request' : where.path.join('.')
  return refuse('request-invalid', `${field}: ${where?.message ?? 'invalid'}`)
}

/** The JSON body of a request against its schema; a body that is too long or no JSON is refused. */
export async function parseBody<S extends z.ZodType>(
  c: Context,
  schema: S,
  maxBytes = MAX_BODY_BYTES,
): Promise<Result<z.infer<S>>> {
  const bytes = await readBytes(c, maxBytes)
  if (!bytes.ok) return bytes
  if (holdsMoreThan(bytes.value, MOST_VALUES))
    return refuse('limit-reached', `The request holds more than ${MOST_VALUES} values.`)
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder().decode(bytes.value))
  } catch {
    return refuse('request-invalid', 'The request body is not JSON.')
  }
  return parse(schema, value)
}

/**
 * Whether a JSON text holds more lists, objects and members of them, told from its commas and brackets outside of texts:
 * reading it to count would itself take a tenth of a second.
 */
function holdsMoreThan(json: Uint8Array, most: number): boolean {
  let count = 0
  let isText = false
  for (let at = 0; at < json.length && count <= most; at += 1) {
    const byte = json[at]
    if (byte === QUOTE) isText = !isText
    else if (!isText && (byte === COMMA || byte === LIST || byte === OBJECT)) count += 1
    else if (isText && byte === BACKSLASH) at += 1
  }
  return count > most
}

const [QUOTE, COMMA, LIST, OBJECT, BACKSLASH] = [0x22, 0x2c, 0x5b, 0x7b, 0x5c]

const sizeWords = (bytes: number): string =>
  bytes < 1_000_000 ? `${bytes / 1024} KiB` : `${bytes / 1_000_000} MB`

/** The body of a request, read no further than it may be long. */
export async function readBytes(c: Context, maxBytes: number): Promise<Result<Uint8Array>> {
  const tooLong = refuse('limit-reached', `The request body is longer than ${sizeWords(maxBytes)}.`)
  if (Number(c.req.header('content-length') ?? '0') > maxBytes) return tooLong
  const parts: Uint8Array[] = []
  let length = 0
  const body: AsyncIterable<Uint8Array> | Iterable<Uint8Array> = c.req.raw.body ?? []
  try {
    for await (const part of body) {
      length += part.byteLength
      if (length > maxBytes) return tooLong
      parts.push(part)
    }
  } catch (error) {
    // The browser went away half way: nobody reads the answer, and it is no mistake of the program.
    if (!c.req.raw.signal.aborted && !isBrokenOff(error)) throw error
    return refuse('cancelled', 'The request broke off before its body was whole.')
  }
  return accept(Buffer.concat(parts))
}

const isBrokenOff = (error: unknown): boolean =>
  error instanceof Error &&
  (error.name === 'AbortError' || ('code' in error && /^ECONN|^ERR_STREAM|^HPE_/.test(String(error.code))))
