/** A study is one patient's as long as it is here, and known by where it lies. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ctImages } from '../../../../test/fixtures/ct-images'
import { archiveFolder } from '../archive-folder'
import { openReceived } from './received-objects'
import type { Kept, ReceivedObjects } from './received-objects'

/** Behind preamble and file meta group: the group says its own length. */
const dataSetOf = (file: Uint8Array): Buffer => {
  const bytes = Buffer.from(file)
  return bytes.subarray(132 + 12 + bytes.readUInt32LE(132 + 8))
}
const CT = '1.2.840.10008.5.1.4.1.1.2'
const EXPLICIT = '1.2.840.10008.1.2.1'

function store(received: ReceivedObjects, patientId: string, slice: number, studyUid?: string): Kept {
  const made = { patientId, slices: slice + 1, ...(studyUid === undefined ? {} : { studyUid }) }
  const { sopInstanceUid, bytes } = ctImages(made).objects[slice] ?? {
    ...{ sopInstanceUid: '', bytes: new Uint8Array(0) },
  }
  const object = received.begin({ sopClassUid: CT, transferSyntaxUid: EXPLICIT, sopInstanceUid })
  object.write(dataSetOf(bytes))
  return object.keep()
}

test('a study that its owner removed may come again as the right patient’s', () => {
  const folder = archiveFolder(mkdtempSync(join(tmpdir(), 'margin-received-')), '')
  const received = openReceived(folder, 0)
  const { studyUid, seriesUid } = store(received, 'P-1', 0)
  expect(() => store(received, 'P-2', 1)).toThrow('another patient')
  // By its images alone; the folders may stay.
  rmSync(join(folder.received, studyUid, seriesUid, '2.25.103.0.dcm'))
  expect(store(received, 'P-2', 1)).toMatchObject({ isNew: true })
  expect(() => store(received, 'P-1', 0)).toThrow('another patient')
})

test('what was received before is known after a restart, and other content under its UID is not taken', () => {
  const folder = archiveFolder(mkdtempSync(join(tmpdir(), 'margin-received-')), '')
  store(openReceived(folder, 0), 'P-1', 0)
  const received = openReceived(folder, 0)
  expect(store(received, 'P-1', 0)).toMatchObject({ isNew: false })
  expect(() => store(received, 'P-2', 0)).toThrow('another object is here under the same UID')
})

test('a series that is here in another study is not taken, until its owner removed it there, and both are named', () => {
  const folder = archiveFolder(mkdtempSync(join(tmpdir(), 'margin-received-')), '')
  const received = openReceived(folder, 0)
  const { studyUid, seriesUid } = store(received, 'P-1', 0)
  const other = '2.25.909'
  for (const own of [received, openReceived(folder, 0)])
    expect(() => store(own, 'P-2', 1, other)).toThrow(
      expect.objectContaining({
        message: 'its series is here in another study',
        note: expect.stringMatching(`${seriesUid}.*${studyUid}.*${other}`) as string,
      }),
    )
  rmSync(join(folder.received, studyUid, seriesUid, '2.25.103.0.dcm'))
  expect(store(received, 'P-2', 1, other)).toMatchObject({ studyUid: other })
  expect(() => store(received, 'P-1', 0)).toThrow('another study')
})
