/**
 * Damage in every transfer syntax: 5,040 mutations of small files of data/dicom through the built decode threads. Each
 * is a picture or a refusal within the time limit of a file, no thread is lost or given up, memory stays level; and a
 * cut stream or a wrong size never gives a picture that is not the file's.
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Answer } from '../../../src/main/library/decode/job'
import { workerPool } from '../../../src/main/library/decode/pool'
import type { DecodePool } from '../../../src/main/library/decode/pool'
import { builtProgram } from '../../built'
import { cut, damaged, putTogether, seeded, takeApart, withWord } from '../../fixtures/damage-dicom'
import { corpusDir } from '../../fixtures/dicom-corpus'
import { absent } from '../../test-data'

const reason = absent('dicom')
const SEED = 20_261_129
const MUTATIONS = 210
const CUTS = 25
const LIMIT_MS = 180_000
/** What both threads together may hold more at the end than half way: caches of the engine, no leak of pictures. */
const GROWTH_BYTES = 128 * 1024 * 1024

/** A small file of each syntax. */
const subjects = [
  'derived/rt/rtdose.dcm',
  'pixel/SC_rgb_small_odd.dcm',
  'syntax/synthetic/encapsulated_uncompressed_98.dcm',
  'syntax/synthetic/deflated_16bit.dcm',
  'pixel/SC_rgb_small_odd_big_endian.dcm',
  'syntax/mr_small/MR_small_RLE.dcm',
  'derived/seg/liver_deflate.dcm',
  'syntax/synthetic/ge_private_big_endian_pixels.dcm',
  'syntax/jpeg/SC_rgb_dcmtk_+eb+cy+n2.dcm',
  'syntax/jpeg/JPEG-lossy.dcm',
  'syntax/ctimage/ctimage_1.2.840.10008.1.2.4.53.dcm',
  'syntax/ctimage/ctimage_1.2.840.10008.1.2.4.55.dcm',
  'syntax/ctimage/ctimage_1.2.840.10008.1.2.4.57.dcm',
  'syntax/jpeg/SC_rgb_jpeg_gdcm.dcm',
  'syntax/mr_small/MR_small_jpeg_ls_lossless.dcm',
  'syntax/jpegls/JPEGLSNearLossless_16.dcm',
  'syntax/jpegls/SC_rgb_jls_lossy_sample.dcm',
  'syntax/mr_small/MR_small_jp2klossless.dcm',
  'syntax/jpeg2000/SC_rgb_gdcm_KY.dcm',
  'syntax/synthetic/ct_crop_htj2k_201.dcm',
  'syntax/synthetic/ct_crop_htj2k_rpcl_202.dcm',
  'syntax/synthetic/ct_crop_htj2k_lossy_203.dcm',
  'syntax/synthetic/jpegxl_lossless_16bit_110.dcm',
  'syntax/synthetic/jpegxl_lossless_110.dcm',
] as const

const folder = mkdtempSync(join(tmpdir(), 'margin-damage-'))
let pool: DecodePool
let written = 0

async function decode(bytes: Uint8Array): Promise<Answer> {
  written += 1
  const path = join(folder, `${written}.dcm`)
  writeFileSync(path, bytes)
  const rescale = { slope: 1, intercept: 0, unit: '' }
  const answer = await pool.run({
    kind: 'slice',
    source: { kind: 'file', file: path },
    path,
    frame: 0,
    rescale,
  })
  rmSync(path)
  return answer
}

const readSubject = (file: string): Uint8Array => new Uint8Array(readFileSync(join(corpusDir, file)))
const hashOf = (answer: Answer): string | null =>
  answer.kind === 'slice' ? createHash('sha256').update(answer.bytes).digest('hex') : null

function expectAnswered(answer: Answer): void {
  expect(['slice', 'refused']).toContain(answer.kind)
  // `internal` is a thread that died, `limit-reached` one that hung.
  if (answer.kind === 'refused')
    expect(['internal', 'limit-reached', 'cancelled']).not.toContain(answer.refusal.code)
}

describe.skipIf(reason !== null)(`damage in every transfer syntax ${reason ?? ''}`, () => {
  beforeAll(() => {
    pool = workerPool(join(builtProgram(), 'main', 'decode-worker.js'), 2)
  }, LIMIT_MS)
  afterAll(async () => {
    await pool.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test(
    `${subjects.length * MUTATIONS} mutations, seed ${SEED}: a picture or a refusal each, memory level`,
    async () => {
      const random = seeded(SEED)
      const rssBytes: number[] = []
      for (let round = 0; round < MUTATIONS; round += 1) {
        const mutants = subjects.map((file) => {
          const bytes = readSubject(file)
          const parts = round % 2 === 0 ? takeApart(bytes) : null
          return parts === null ? damaged(bytes, random) : putTogether(parts, damaged(parts.stream, random))
        })
        for (const answer of await Promise.all(mutants.map(decode))) expectAnswered(answer)
        if (round % 10 === 0) rssBytes.push(process.memoryUsage().rss)
      }
      const half = rssBytes.slice(0, rssBytes.length >> 1)
      expect(Math.max(...rssBytes) - Math.max(...half)).toBeLessThan(GROWTH_BYTES)
    },
    LIMIT_MS,
  )

  test.each(subjects)('%s cut anywhere in its stream: refused, or the whole picture', async (file) => {
    const bytes = readSubject(file)
    const whole = hashOf(await decode(bytes))
    expect(whole).not.toBeNull()
    const random = seeded(SEED)
    const parts = takeApart(bytes)
    for (let k = 0; k < CUTS; k += 1) {
      const answer = await decode(
        parts === null ? cut(bytes, random) : putTogether(parts, cut(parts.stream, random)),
      )
      expectAnswered(answer)
      expect([null, whole]).toContain(hashOf(answer))
    }
  })

  const streams = subjects.filter((file) => reason === null && takeApart(readSubject(file)) !== null)
  test.each(streams)('%s with other sizes than its stream: refused, at once', async (file) => {
    const ROWS = 0x0010
    const COLUMNS = 0x0011
    const bytes = readSubject(file)
    const huge = withWord(withWord(bytes, ROWS, 65535), COLUMNS, 65535)
    for (const lie of [huge, withWord(bytes, ROWS, 1000), withWord(bytes, COLUMNS, 7)]) {
      const answer = await decode(lie)
      expectAnswered(answer)
      if (!/98|liver/.test(file) || lie === huge) expect(answer.kind).toBe('refused')
    }
  })
})
