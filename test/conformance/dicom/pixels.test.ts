/**
 * Every file of data/dicom: each frame is that of two independent toolkits, by hash or within the tolerance of a lossy
 * codec, or the file is refused by name. The table by transfer syntax is printed.
 */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, describe, expect, test } from 'vitest'
import { transferSyntax } from '../../../src/core/dicom/transfer-syntax'
import { performWhenReady } from '../../../src/main/library/decode/perform'
import type { Answer } from '../../../src/main/library/decode/job'
import { corpusDir, readCorpus } from '../../fixtures/dicom-corpus'
import type { CorpusFile } from '../../fixtures/dicom-corpus'
import { absent } from '../../test-data'

const reason = absent('dicom')
const files = reason === null ? readCorpus().files : []

const decode = (file: string, frame: number | null = null): Promise<Answer> =>
  performWhenReady({
    kind: 'canonical',
    source: { kind: 'file', file: join(corpusDir, file) },
    path: file,
    frame,
  })

const syntaxOf = (entry: CorpusFile): string =>
  entry.transferSyntax ?? entry.transferSyntaxSniffed ?? '1.2.840.10008.1.2'
/** Film, and nothing else, is refused for its transfer syntax. */
const isFilm = (entry: CorpusFile): boolean => /\.4\.10[0-8]$/.test(syntaxOf(entry))
const isPicture = (entry: CorpusFile): boolean => entry.expected_pixels && entry.pixels !== undefined
const withPixels = files.filter(isPicture)
const firmly = withPixels.filter((entry) => !isFilm(entry) && isFirm(entry))

/** Pixels that must come out right: those of images, and those of syntaxes that may be refused but are not here. */
function isFirm({ expect: wanted, pixels }: CorpusFile): boolean {
  return (
    wanted === 'image' || (wanted.startsWith('decode exactly or refuse') && (pixels?.frames?.length ?? 0) > 0)
  )
}

interface Tally {
  exact: number
  within: number
  refused: number
}
const table = new Map<string, Tally>()
function count(entry: CorpusFile, how: keyof Tally): void {
  const syntax = syntaxOf(entry)
  const tally = table.get(syntax) ?? { exact: 0, within: 0, refused: 0 }
  tally[how] += 1
  table.set(syntax, tally)
}
afterAll(() => {
  for (const [uid, { exact, within, refused }] of [...table].sort(([a], [b]) => a.localeCompare(b)))
    console.info(
      `${uid} ${transferSyntax(uid)?.name ?? '?'}: ${exact} exact, ${within} within tolerance, ${refused} refused by name`,
    )
})

/** One hash over all frames, one after another: long objects have no hash for each. */
async function hashOfAll(entry: CorpusFile): Promise<string> {
  const hash = createHash('sha256')
  for (let frame = 0; frame < (entry.frames ?? 1); frame += 1) {
    const answer = await decode(entry.file, frame)
    if (answer.kind === 'canonical' && answer.bytes !== null) hash.update(answer.bytes)
  }
  return hash.digest('hex')
}

function valuesOf(bytes: Uint8Array<ArrayBuffer>, dtype: string): Uint8Array | Uint16Array | Int16Array {
  if (dtype === 'u1') return bytes
  return dtype === 'u2' ? new Uint16Array(bytes.buffer) : new Int16Array(bytes.buffer)
}

/** Largest and mean difference from the window of frame 0 that stands beside the corpus as PNG. */
async function differences(entry: CorpusFile): Promise<{ readonly largest: number; readonly mean: number }> {
  const reference = entry.pixels?.reference
  const answer = await decode(entry.file, 0)
  if (reference === undefined || answer.kind !== 'canonical' || answer.bytes === null)
    throw new Error(entry.file)
  const samples = entry.pixels?.form === 'rgb' ? 3 : 1
  const opened = sharp(join(corpusDir, reference.png))
  const isDeep = (await opened.metadata()).depth === 'ushort'
  const raw = isDeep
    ? opened.toColourspace('grey16').raw({ depth: 'ushort' })
    : opened.raw({ depth: 'uchar' })
  const { data, info } = await raw.toBuffer({ resolveWithObject: true })
  const theirs = isDeep ? new Uint16Array(Uint8Array.from(data).buffer) : data
  const ours = valuesOf(answer.bytes, answer.report.dtype)
  let largest = 0
  let sum = 0
  for (let row = 0; row < reference.rows; row += 1) {
    for (let column = 0; column < reference.cols; column += 1) {
      for (let sample = 0; sample < samples; sample += 1) {
        const at =
          ((row + reference.row0) * (entry.columns ?? 0) + column + reference.col0) * samples + sample
        const there =
          (theirs[(row * reference.cols + column) * info.channels + sample] ?? 0) - reference['value = png -']
        const difference = Math.abs((ours[at] ?? Number.NaN) - there)
        largest = Math.max(largest, difference)
        sum += difference
      }
    }
  }
  return { largest, mean: sum / (reference.rows * reference.cols * samples) }
}

/** A hash that does not match is forgiven to a lossy codec whose picture is within its tolerance. */
async function isWithin(entry: CorpusFile): Promise<boolean> {
  const tolerance = entry.pixels?.tolerance
  if (tolerance === undefined || entry.pixels?.['hash_must_match'] === true) return false
  const { largest, mean } = await differences(entry)
  expect(largest).toBeLessThanOrEqual(tolerance.max_abs)
  expect(mean).toBeLessThanOrEqual(tolerance.mean_abs)
  return true
}

describe.skipIf(reason !== null)(`pixels of data/dicom ${reason ?? ''}`, () => {
  test.each(firmly.map((entry) => [entry.file, entry] as const))('%s', async (_, entry) => {
    const answer = await decode(entry.file)
    if (answer.kind !== 'canonical') throw new Error(JSON.stringify(answer))
    expect(answer.report).toMatchObject({
      form: entry.pixels?.form,
      dtype: entry.pixels?.dtype,
      rows: entry.rows,
      columns: entry.columns,
    })
    expect(answer.report.frames).toBe(entry.frames)
    const hashes = entry.pixels?.frames ?? entry.pixels?.frames_first_8 ?? []
    expect(hashes.length).toBeGreaterThan(0)
    const isExact = hashes.every((hash, frame) => answer.report.sha256[frame] === hash)
    if (!isExact && (await isWithin(entry))) {
      count(entry, 'within')
      return
    }
    expect(answer.report.sha256.slice(0, hashes.length)).toEqual(hashes)
    if (entry.pixels?.all_frames_sha256 !== undefined)
      expect(await hashOfAll(entry)).toBe(entry.pixels.all_frames_sha256)
    count(entry, 'exact')
  })

  test.each(files.filter(isFilm).map((entry) => [entry.file, entry] as const))(
    '%s is refused by name, with the next step',
    async (_, entry) => {
      const answer = await decode(entry.file)
      if (answer.kind !== 'refused') throw new Error('decoded, although it is a film')
      expect(answer.refusal.code).toBe('transfer-syntax-unsupported')
      expect(answer.refusal.reason).toContain(syntaxOf(entry))
      expect(answer.refusal.next).toMatch(/film/)
      count(entry, 'refused')
    },
  )

  const odd = withPixels.filter((entry) => !isFirm(entry))
  test.each(odd.map((entry) => [entry.file, entry.expect, entry] as const))(
    '%s: %s',
    async (_, __, entry) => {
      const answer = await decode(entry.file)
      if (answer.kind === 'canonical') expect(answer.report.sha256).toEqual(entry.pixels?.frames)
      else expect(answer).toMatchObject({ kind: 'refused', refusal: { path: entry.file } })
    },
  )

  const others = files.filter((entry) => !isPicture(entry) && !isFilm(entry))
  test.each(others.map((entry) => [entry.file, entry.expect] as const))(
    '%s has no pixels to show: %s',
    async (file) => {
      const answer = await decode(file)
      if (answer.kind === 'refused') expect(answer.refusal.reason).not.toBe('')
      else expect(answer).toMatchObject({ kind: 'canonical', report: { warnings: [expect.anything()] } })
    },
  )
})
