/** Patient names of data/dicom in every character set, as pydicom and DCMTK read them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { readDicomFile } from '../../../src/core/dicom/read-file'
import { TAG } from '../../../src/core/dicom/elements'
import { readerOf, text } from '../../../src/core/dicom/values'
import { inflate } from '../../../src/main/library/decode/dicom-source'
import { corpusDir, readCorpus } from '../../fixtures/dicom-corpus'
import { absent } from '../../test-data'

const reason = absent('dicom')
const Named = z.looseObject({ file: z.string(), patientName: z.string() })
const files = (reason === null ? readCorpus().files : []).flatMap((entry) => {
  const named = Named.safeParse(entry)
  return named.success ? [named.data] : []
})

/** Text that says it is in one set and is in another: taken at its word here, guessed at by pydicom. */
const UNDECLARED = ['charset/synthetic/undeclared_utf8.dcm']

describe.skipIf(reason !== null)(`names of data/dicom ${reason ?? ''}`, () => {
  test.each(files.filter(({ file }) => !UNDECLARED.includes(file)))('$file', ({ file, patientName }) => {
    const bytes = new Uint8Array(readFileSync(join(corpusDir, file)))
    const reading = readDicomFile({ bytes, totalBytes: bytes.length }, inflate)
    // One file of the corpus is cut: it is refused, whatever its name.
    if (reading.kind !== 'complete') {
      expect(file).toBe('oddities/rtplan_truncated.dcm')
      return
    }
    const { dataSet } = reading.file
    const reader = readerOf(dataSet)
    // Empty component groups at the end (PS3.5 6.2.1.1) are left out by the others.
    expect(text(dataSet, TAG.PatientName, reader).replace(/=+$/, '')).toBe(patientName.trim())
    expect(reader.unsupported).toBe(file.endsWith('unknown_term.dcm') ? 'X-KLINGON' : null)
  })
})
