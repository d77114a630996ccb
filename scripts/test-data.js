import { spawnSync } from 'node:child_process'
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './setup/steps.js'

/**
 * `npm run test-data -- DOWNLOADS [FOLDER]`: lays what was downloaded from its publishers into the folder that tests
 * read (default `../shared/data`), unchanged, and says what is missing. It downloads nothing.
 */

/** The chest CT of patient LIDC-IDRI-0001, and the file with its four readings. */
const SERIES_UID = '1.3.6.1.4.1.14519.5.2.1.6279.6001.179049373636438705059720603192'
const SLICES = 133
/** Where an object's header names its series, and a reading file too. */
const HEAD_BYTES = 8192
const CHASE = /^Image_\d\d[LR](?:\.jpg|_(?:1st|2nd)HO\.png)$/
const CHASE_FILES = 84

/** @param {string} folder @returns {string[]} */
const filesUnder = (folder) =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()

/** @param {string} path */
function namesSeries(path) {
  const head = Buffer.alloc(HEAD_BYTES)
  const file = openSync(path, 'r')
  try {
    return head.subarray(0, readSync(file, head, 0, HEAD_BYTES, 0)).includes(SERIES_UID)
  } finally {
    closeSync(file)
  }
}

/**
 * @param {readonly string[]} found
 * @param {string} folder
 * @returns {string} what was done, or what is missing
 */
function layLidc(found, folder) {
  const slices = found.filter((path) => path.endsWith('.dcm') && namesSeries(path))
  const [readings] = found.filter((path) => path.endsWith('.xml') && namesSeries(path))
  if (slices.length !== SLICES || readings === undefined)
    return `LIDC-IDRI-0001: ${slices.length} of ${SLICES} slices and ${readings === undefined ? 'no' : 'its'} reading file (069.xml) found. The Cancer Imaging Archive has both: collection LIDC-IDRI, doi:10.7937/K9/TCIA.2015.LO9QL9SX.`
  const whole = join(folder, 'lidc', 'LIDC-IDRI-0001')
  rmSync(whole, { recursive: true, force: true })
  mkdirSync(whole, { recursive: true })
  for (const path of slices) copyFileSync(path, join(whole, basename(path)))
  copyFileSync(readings, join(whole, '069.xml'))
  // Quickly rather than small, and under its name only when it is whole.
  const part = `${whole}.part`
  const env = { ...process.env, XZ_OPT: '-1 -T0' }
  const packed = spawnSync('tar', ['-cJf', part, '-C', dirname(whole), basename(whole)], { env })
  rmSync(whole, { recursive: true, force: true })
  if (packed.status === 0) renameSync(part, `${whole}.tar.xz`)
  else rmSync(part, { force: true })
  return packed.status === 0
    ? `LIDC-IDRI-0001: ${SLICES} slices and 069.xml in ${whole}.tar.xz`
    : 'LIDC-IDRI-0001: tar could not pack it with xz. Install tar and xz, then run this again.'
}

/**
 * @param {readonly string[]} found
 * @param {string} folder
 * @returns {string} what was done, or what is missing
 */
function layChase(found, folder) {
  const files = new Map(
    found.filter((path) => CHASE.test(basename(path))).map((path) => [basename(path), path]),
  )
  const to = join(folder, 'retina', 'chase')
  if (files.size > 0) mkdirSync(to, { recursive: true })
  for (const [name, path] of files) copyFileSync(path, join(to, name))
  const had = `CHASE_DB1: ${files.size} of ${CHASE_FILES} files`
  return files.size === CHASE_FILES
    ? `${had} in ${to}`
    : `${had}. Kingston University publishes it (28 photographs, two tracings each), doi:10.1109/TBME.2012.2205687.`
}

/**
 * @param {string} downloads
 * @param {string} folder
 * @returns {readonly string[]} a line for each data set
 */
export function layTestData(downloads, folder) {
  const found = filesUnder(downloads)
  return [layLidc(found, folder), layChase(found, folder)]
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [downloads, folder = join(root, '..', 'shared', 'data')] = process.argv.slice(2)
  if (downloads === undefined || !existsSync(downloads)) {
    process.stderr.write(
      'Usage: npm run test-data -- DOWNLOADS [FOLDER]\n  DOWNLOADS holds what you downloaded, in any folders.\n',
    )
    process.exitCode = 2
  } else {
    for (const line of layTestData(downloads, resolve(folder))) process.stdout.write(`${line}\n`)
    process.stdout.write(
      `Tests read ${resolve(folder)} by MARGIN_TEST_DATA. Those on made files (damaged and odd DICOM, patches of the trainer, tables of independent figures) skip without them and say so.\n`,
    )
  }
}
