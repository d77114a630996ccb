import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { z } from 'zod'
import { LesionLine, RunLine, RunTarget } from '../../contract'

/** A run as it went to the page, with the sub-pixel fields of its samples, one grid after another. */
export interface KeptSamples {
  readonly lines: readonly RunLine[]
  readonly fields: Int8Array
}

/** A lesion as it went to the page; the runs of its slices are kept each for itself, and named where they stood. */
export const KeptLesionStep = z.union([
  z.strictObject({ slice: RunTarget.options[0] }),
  z.strictObject({ line: LesionLine }),
])
export type KeptLesionStep = z.infer<typeof KeptLesionStep>

const pack = promisify<Uint8Array, { level: number }, Buffer>(gzip)
const unpack = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(gunzip)
/** Fields hardly shrink further, and it goes on while the next slice is drawn. */
const FAST = { level: 1 }
/** A thousand samples of a crop, twice. */
const MOST_UNPACKED = { maxOutputLength: 64 * 2 ** 20 }
const LENGTH_BYTES = 4

/** The length of the lines, the lines, the fields. */
export function packSamples({ lines, fields }: KeptSamples): Promise<Buffer> {
  const text = Buffer.from(JSON.stringify(lines))
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32LE(text.length)
  return pack(
    Buffer.concat([length, text, new Uint8Array(fields.buffer, fields.byteOffset, fields.length)]),
    FAST,
  )
}

/** Null: not what this program packs. */
export async function unpackSamples(body: Uint8Array): Promise<KeptSamples | null> {
  const bytes = await unpack(body, MOST_UNPACKED).catch(() => null)
  if (bytes === null || bytes.length < LENGTH_BYTES) return null
  const end = LENGTH_BYTES + bytes.readUInt32LE()
  const lines = parsed(z.array(RunLine), bytes.subarray(LENGTH_BYTES, end))
  if (lines === null) return null
  const fields = bytes.subarray(end)
  return { lines, fields: new Int8Array(fields.buffer, fields.byteOffset, fields.length) }
}

export const packItems = (items: readonly KeptLesionStep[]): Promise<Buffer> =>
  pack(Buffer.from(JSON.stringify(items)), FAST)

export async function unpackItems(body: Uint8Array): Promise<readonly KeptLesionStep[] | null> {
  const bytes = await unpack(body, MOST_UNPACKED).catch(() => null)
  return bytes === null ? null : parsed(z.array(KeptLesionStep), bytes)
}

function parsed<T>(schema: z.ZodType<T>, text: Buffer): T | null {
  try {
    return schema.safeParse(JSON.parse(text.toString('utf8'))).data ?? null
  } catch {
    return null
  }
}
