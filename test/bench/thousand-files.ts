/** A thousand real DICOM files in one folder: a chest CT six times over, each a series of its own, and files of data/dicom. */
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lidcSeries } from '../fixtures/lidc-series'
import { corpusDir, readCorpus } from '../fixtures/dicom-corpus'
import { absent } from '../test-data'

const COUNT = 1000
const COPIES = 6
/** The header of a slice ends before. */
const HEADER_BYTES = 16 * 1024
const UID = /1\.3\.6\.1\.4\.1\.14519\.5\.2\.1\.[\d.]+\d/g

/** Each UID of the header with other last digits, as many as before: those of one file to another agree as they did. */
function withOtherUids(bytes: Buffer, copy: number): Buffer {
  const header = bytes.subarray(0, HEADER_BYTES).toString('latin1')
  const other = header.replaceAll(UID, (uid) => `${uid.slice(0, -1)}${(Number(uid.at(-1)) + copy) % 10}`)
  return Buffer.concat([Buffer.from(other, 'latin1'), bytes.subarray(HEADER_BYTES)])
}

/** Null where the data are absent. */
export function thousandFiles(): string | null {
  const chest = lidcSeries()
  if (chest === null || absent('dicom') !== null) return null
  const folder = mkdtempSync(join(tmpdir(), 'margin-thousand-'))
  const slices = readdirSync(chest).filter((name) => name.endsWith('.dcm'))
  for (let copy = 0; copy < COPIES; copy += 1) {
    mkdirSync(join(folder, `chest-${copy}`))
    for (const name of slices)
      writeFileSync(join(folder, `chest-${copy}`, name), withOtherUids(readFileSync(join(chest, name)), copy))
  }
  const others = readCorpus().files.filter(({ expect }) => expect === 'image')
  mkdirSync(join(folder, 'others'))
  others.slice(0, COUNT - COPIES * slices.length).forEach(({ file }, at) => {
    copyFileSync(join(corpusDir, file), join(folder, 'others', `${at}.dcm`))
  })
  return folder
}
