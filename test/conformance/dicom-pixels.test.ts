/** Every file of data/dicom: the pixels of supported syntaxes are those of two independent toolkits; the others are refused by name. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { transferSyntax } from '../../src/core/dicom/transfer-syntax'
import { perform } from '../../src/main/library/decode/perform'
import type { Answer } from '../../src/main/library/decode/job'
import { corpusDir, readCorpus } from '../fixtures/dicom-corpus'
import type { CorpusFile } from '../fixtures/dicom-corpus'
import { absent } from '../fixtures/lidc-series'

const reason = absent('dicom')
const files = reason === null ? readCorpus().files : []

const decode = (file: string, frame: number | null = null): Answer =>
  perform({ kind: 'canonical', source: { kind: 'file', file: join(corpusDir, file) }, path: file, frame })

const syntaxOf = (entry: CorpusFile): string =>
  entry.transferSyntax ?? entry.transferSyntaxSniffed ?? '1.2.840.10008.1.2'
const isSupported = (entry: CorpusFile): boolean => (transferSyntax(syntaxOf(entry))?.pixels ?? null) !== null
const isPicture = (entry: CorpusFile): boolean => entry.expected_pixels && entry.pixels !== undefined
const withPixels = files.filter(isPicture)
const firmly = withPixels.filter((entry) => entry.expect === 'image')

/** One hash over all frames, one after another: long objects have no hash for each. */
function hashOfAll(entry: CorpusFile): string {
  const hash = createHash('sha256')
  for (let frame = 0; frame < (entry.frames ?? 1); frame += 1) {
    const answer = decode(entry.file, frame)
    if (answer.kind === 'canonical' && answer.bytes !== null) hash.update(answer.bytes)
  }
  return hash.digest('hex')
}

describe.skipIf(reason !== null)(`pixels of data/dicom ${reason ?? ''}`, () => {
  test.each(firmly.filter(isSupported).map((entry) => [entry.file, entry] as const))('%s', (_, entry) => {
    const answer = decode(entry.file)
    if (answer.kind !== 'canonical') throw new Error(JSON.stringify(answer))
    expect(answer.report).toMatchObject({
      form: entry.pixels?.form,
      dtype: entry.pixels?.dtype,
      rows: entry.rows,
      columns: entry.columns,
    })
    const hashes = entry.pixels?.frames ?? entry.pixels?.frames_first_8 ?? []
    expect(hashes.length).toBeGreaterThan(0)
    expect(answer.report.sha256.slice(0, hashes.length)).toEqual(hashes)
    expect(answer.report.frames).toBe(entry.frames)
    if (entry.pixels?.all_frames_sha256 !== undefined)
      expect(hashOfAll(entry)).toBe(entry.pixels.all_frames_sha256)
  })

  test.each(firmly.filter((entry) => !isSupported(entry)).map((entry) => [entry.file, entry] as const))(
    '%s is refused by name',
    (_, entry) => {
      const answer = decode(entry.file)
      if (answer.kind !== 'refused') throw new Error(`decoded, although ${syntaxOf(entry)} is not supported`)
      expect(answer.refusal.code).toBe('transfer-syntax-unsupported')
      expect(answer.refusal.reason).toContain(syntaxOf(entry))
      expect(answer.refusal.next).toBeDefined()
    },
  )

  const odd = withPixels.filter((entry) => entry.expect !== 'image')
  test.each(odd.map((entry) => [entry.file, entry.expect, entry] as const))('%s: %s', (_, __, entry) => {
    const answer = decode(entry.file)
    if (answer.kind === 'canonical') expect(answer.report.sha256).toEqual(entry.pixels?.frames)
    else expect(answer).toMatchObject({ kind: 'refused', refusal: { path: entry.file } })
  })

  test.each(files.filter((entry) => !isPicture(entry)).map((entry) => [entry.file, entry.expect] as const))(
    '%s has no pixels to show: %s',
    (file) => {
      const answer = decode(file)
      if (answer.kind === 'refused') expect(answer.refusal.reason).not.toBe('')
      else expect(answer).toMatchObject({ kind: 'canonical', report: { warnings: [expect.anything()] } })
    },
  )
})
