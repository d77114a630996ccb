/**
 * Two readers of elements side by side, our walk and dicom-parser 1.8.21, over data/dicom and data/dicom-bad: which
 * headers they read right, refuse, read wrong, or die of. The table is printed; decision 0051 draws on it.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseDicom } from 'dicom-parser'
import { afterAll, describe, expect, test } from 'vitest'
import { readDicomFile } from '../../../src/core/dicom/read-file'
import { TAG } from '../../../src/core/dicom/elements'
import { code, integer, word } from '../../../src/core/dicom/values'
import { inflate } from '../../../src/main/library/decode/dicom-source'
import { badDir, corpusDir, readBadCorpus, readCorpus } from '../../fixtures/dicom-corpus'
import { absent } from '../../test-data'

const reason = absent('dicom') ?? absent('dicom-bad')

/** What a header says of its picture. */
interface Header {
  readonly rows: number | null
  readonly columns: number | null
  readonly bitsStored: number | null
  readonly frames: number | null
  readonly sopClass: string
}
type Outcome = { readonly kind: 'read'; readonly header: Header } | { readonly kind: 'refused' | 'crashed' }

function ours(bytes: Uint8Array): Outcome {
  const reading = readDicomFile({ bytes, totalBytes: bytes.length }, inflate)
  if (reading.kind !== 'complete') return { kind: 'refused' }
  const { dataSet } = reading.file
  const header = {
    rows: word(dataSet, TAG.Rows),
    columns: word(dataSet, TAG.Columns),
    bitsStored: word(dataSet, TAG.BitsStored),
    frames: integer(dataSet, TAG.NumberOfFrames),
    sopClass: code(dataSet, TAG.SOPClassUID),
  }
  return { kind: 'read', header }
}

function theirs(bytes: Uint8Array): Outcome {
  try {
    const set = parseDicom(bytes, { untilTag: 'x7fe00010' })
    const frames = set.string('x00280008')
    const header = {
      rows: set.uint16('x00280010') ?? null,
      columns: set.uint16('x00280011') ?? null,
      bitsStored: set.uint16('x00280101') ?? null,
      frames: frames === undefined || !/^\d+$/.test(frames) ? null : Number(frames),
      sopClass: set.string('x00080016') ?? '',
    }
    return { kind: 'read', header }
  } catch (error) {
    // It throws strings and objects of its own when it refuses; an Error is one that it did not mean.
    return { kind: error instanceof Error ? 'crashed' : 'refused' }
  }
}

type Verdict = 'right' | 'refused' | 'wrong' | 'crashed'
const parsers = { 'our walk': ours, 'dicom-parser': theirs } as const
const tallies = new Map<string, Record<Verdict, number>>()
const spentMs = new Map<string, number>()

function run(name: keyof typeof parsers, corpus: string, file: string): Outcome {
  const bytes = new Uint8Array(readFileSync(file))
  const started = performance.now()
  const outcome = parsers[name](bytes)
  const key = `${name}, ${corpus}`
  spentMs.set(key, (spentMs.get(key) ?? 0) + performance.now() - started)
  return outcome
}

function count(name: string, corpus: string, verdict: Verdict): void {
  const key = `${name}, ${corpus}`
  const tally = tallies.get(key) ?? { right: 0, refused: 0, wrong: 0, crashed: 0 }
  tally[verdict] += 1
  tallies.set(key, tally)
}

afterAll(() => {
  for (const [key, { right, refused, wrong, crashed }] of tallies)
    console.info(
      `${key}: ${right} right, ${refused} refused, ${wrong} wrong, ${crashed} crashed, ${Math.round(spentMs.get(key) ?? 0)} ms`,
    )
})

describe.skipIf(reason !== null)(`two readers of elements ${reason ?? ''}`, () => {
  test('data/dicom: our walk reads every picture’s header as pydicom does', () => {
    for (const entry of readCorpus().files) {
      const { rows, columns } = entry
      if (entry.pixels === undefined || rows === undefined || columns === undefined) continue
      for (const name of ['our walk', 'dicom-parser'] as const) {
        const outcome = run(name, 'data/dicom', join(corpusDir, entry.file))
        const isRight =
          outcome.kind === 'read' && outcome.header.rows === rows && outcome.header.columns === columns
        const verdict = outcome.kind !== 'read' ? outcome.kind : isRight ? 'right' : 'wrong'
        count(name, 'data/dicom', verdict)
        if (name === 'our walk' && entry.expect === 'image')
          expect([entry.file, verdict]).toEqual([entry.file, 'right'])
      }
    }
  })

  test('data/dicom-bad: our walk never throws', () => {
    for (const { file } of readBadCorpus().files) {
      if (file.startsWith('zip/')) continue
      for (const name of ['our walk', 'dicom-parser'] as const) {
        const outcome = run(name, 'data/dicom-bad', join(badDir, file))
        // Read or refused are both good answers to a damaged header; what it says is judged in dicom-bad.test.ts.
        count(name, 'data/dicom-bad', outcome.kind === 'read' ? 'right' : outcome.kind)
        if (name === 'our walk') expect([file, outcome.kind]).not.toEqual([file, 'crashed'])
      }
    }
  })
})
