import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import type { Manifest } from '../../contract'
import { readOrdinaryFile } from './package-file'

/** A package on its way has these files and no others; the last one only where it can be trained on. */
const NEEDED_FILES = [
  'manifest.json',
  'card.md',
  'encoder.onnx',
  'sampler.onnx',
  'golden.json',
  'golden.bin',
] as const
const CHECKPOINT = 'checkpoint.safetensors'
/** sha256 of every other file, as `sha256sum -c` reads it: the manifest's own and the card's stand nowhere else. */
export const SUMS_FILE = 'SHA256SUMS'

/** Names to sha256 in hexadecimal digits. */
export type Sums = ReadonlyMap<string, string>

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** The files that a package is handed on by, in their order. */
export const filesOf = ({ checkpoint }: Pick<Manifest, 'checkpoint'>): readonly string[] =>
  checkpoint === undefined ? NEEDED_FILES : [...NEEDED_FILES, CHECKPOINT]

/** Why a package cannot be handed on under these names; empty when it can. */
export function faultOfNames({ graphs, golden, checkpoint }: Manifest): string {
  const said = [graphs.encoder.file, graphs.sampler.file, golden.file, golden.data]
  const [named] = said.filter((name, index) => name !== NEEDED_FILES[index + 2])
  if (named !== undefined) return `manifest.json names a file ${named} where another is expected`
  return checkpoint === undefined || checkpoint.file === CHECKPOINT
    ? ''
    : `manifest.json names its checkpoint ${checkpoint.file}, not ${CHECKPOINT}`
}

/** Why these are not the files of a package; empty when they are. */
export function faultOfFiles(names: readonly string[]): string {
  const known: readonly string[] = [...NEEDED_FILES, CHECKPOINT, SUMS_FILE]
  const [other] = names.filter((name) => !known.includes(name))
  if (other !== undefined) return `it holds ${JSON.stringify(other)}, which is no file of a package`
  const [twice] = names.filter((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) return `it holds ${twice} twice`
  const [missing] = [...NEEDED_FILES, SUMS_FILE].filter((name) => !names.includes(name))
  return missing === undefined ? '' : `${missing} is missing`
}

export const sumsText = (sums: Sums): string =>
  [...sums].map(([name, sha256]) => `${sha256}  ${name}\n`).join('')

/** Sums as they are written; null: another text. */
export function readSums(text: string): Sums | null {
  const rows = text.split('\n').slice(0, -1)
  const read = rows.map((row) => /^([0-9a-f]{64}) {2}([\w.]+)$/.exec(row))
  const sums = new Map(read.map((row) => [row?.[2] ?? '', row?.[1] ?? '']))
  return sumsText(sums) === text ? sums : null
}

/** What the package in a folder is made of. A file that is not there is an error. */
export async function sumsOf(directory: string, names: readonly string[], mostBytes: number): Promise<Sums> {
  const sums = new Map<string, string>()
  for (const name of names) sums.set(name, sha256Of(await readOrdinaryFile(join(directory, name), mostBytes)))
  return sums
}

const MOST_HEAD_BYTES = 16 * 2 ** 20
const Offset = z.number().int().nonnegative()
const Tensor = z.object({ data_offsets: z.tuple([Offset, Offset]) })

/**
 * Why bytes are no safetensors file; empty when they are one: the length of the head (uint64, little endian), a JSON
 * object of tensors, and their numbers without a gap (https://huggingface.co/docs/safetensors). Nothing in it runs.
 */
export function faultOfSafetensors(bytes: Uint8Array): string {
  if (bytes.length < 8) return 'it is cut'
  const head = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true))
  if (head > MOST_HEAD_BYTES || 8 + head > bytes.length) return 'its head is cut'
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + head))
    const rows = Object.entries(z.record(z.string(), z.unknown()).parse(JSON.parse(text)))
    const spans = rows
      .filter(([name]) => name !== '__metadata__')
      .map(([, tensor]) => Tensor.parse(tensor).data_offsets)
    let end = 0
    for (const [from, to] of spans.toSorted(([a], [b]) => a - b)) {
      if (from !== end || to < from) return 'its tensors do not lie one after another'
      end = to
    }
    return 8 + head + end === bytes.length ? '' : 'its tensors and its size differ'
  } catch {
    return 'its head is not read'
  }
}
