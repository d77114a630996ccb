/** The rows of tags over every file of the data: bounded, refused by name where the file is, and named and read as pydicom does. */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { MAX_TAG_ROWS, SliceTags, TAG_VALUE_CHARACTERS } from '../../../src/contract'
import { performWhenReady } from '../../../src/main/library/decode/perform'
import { badDir, corpusDir, readBadCorpus, readCorpus } from '../../fixtures/dicom-corpus'
import { pythonHas, runPython } from '../../python'
import { absent } from '../../test-data'

const reason = absent('dicom-bad') ?? absent('dicom')
const files =
  reason === null
    ? [
        ...readCorpus().files.map(({ file }) => join(corpusDir, file)),
        ...readBadCorpus().files.map(({ file }) => join(badDir, file)),
      ]
    : []

const tagsOf = (file: string, frame = 0) =>
  performWhenReady({ kind: 'tags', source: { kind: 'file', file }, path: file, frame })

/** Text of elements of the top level, by their representation, with the keyword of PS3.6. */
const READ = `
import json, sys
import pydicom
from pydicom.datadict import keyword_for_tag
rows = []
dataset = pydicom.dcmread(json.loads(sys.stdin.read()), stop_before_pixels=True)
for element in dataset:
    if element.VR in ("CS", "UI", "DA", "TM", "SH", "US") and not element.tag.is_private:
        value = element.value
        many = isinstance(value, (list, pydicom.multival.MultiValue))
        text = "\\\\".join(str(one) for one in value) if many else "" if value is None else str(value)
        rows.append(["%08x" % element.tag, keyword_for_tag(element.tag), element.VR, text])
print(json.dumps(rows))
`
const Theirs = z.array(z.tuple([z.string(), z.string(), z.string(), z.string()]))

describe.skipIf(reason !== null)('tags of a file', () => {
  test('are a bounded list or a refusal by name, whatever the file holds', async () => {
    expect(files.length).toBeGreaterThan(500)
    for (const file of files) {
      const answer = await tagsOf(file)
      if (answer.kind === 'refused') {
        expect(answer.refusal.reason, file).not.toMatch(/^Reading failed/)
        continue
      }
      if (answer.kind !== 'tags') throw new Error(file)
      const { rows } = SliceTags.parse(answer.tags)
      expect(rows.length, file).toBeLessThanOrEqual(MAX_TAG_ROWS)
      for (const { value } of rows) expect(value.length, file).toBeLessThanOrEqual(TAG_VALUE_CHARACTERS)
    }
  })

  test.skipIf(!pythonHas('pydicom'))('are named and read as pydicom names and reads them', async () => {
    const ask = runPython()
    for (const name of ['pixel/CT_small.dcm', 'pixel/ExplVR_BigEnd.dcm']) {
      const file = join(corpusDir, name)
      const answer = await tagsOf(file)
      if (answer.kind !== 'tags') throw new Error(name)
      const theirs = Theirs.parse(JSON.parse(ask?.(READ, JSON.stringify(file)) ?? '[]'))
      expect(theirs.length).toBeGreaterThan(10)
      const ours = answer.tags.rows
        .filter(({ depth, isPrivate }) => depth === 0 && !isPrivate)
        .map(({ tag, keyword, vr, value }) => [tag, keyword, vr, value])
      for (const [tag, keyword, vr, value] of theirs)
        expect(ours).toContainEqual([tag, keyword, vr, value.trim()])
    }
  })
})
