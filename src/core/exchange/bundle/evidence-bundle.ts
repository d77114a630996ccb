/**
 * The evidence of a study in one ZIP that can be read without Margin:
 *
 *   README.txt       what this is, in words, and how to check it
 *   masks/<reader>/  PNG masks, and reading.nii.gz where the series has an even grid
 *   metrics.csv      the same figures as metrics.json
 *   runs.json        runs of a model that an outline was started from or that were shown
 *   log.jsonl        a reader a line: answer, digest, and what was shown before
 *   manifest.json    path, bytes and SHA-256 of every other file
 */
import { accept, refuse, type Result } from '../../../contract'
import type { Inflate } from '../../files/inflate'
import type { ExchangeReading } from '../exchange-reading'
import type { ImageTarget } from '../image-target'
import { writeMaskPictures } from '../pictures/mask-pictures'
import type { NamedFile } from '../../files/named-file'
import { writeNifti } from '../nifti/nifti-readings'
import { pathPart } from '../pictures/picture-names'
import { writeZip } from '../../files/zip-file'

/** A figure: plain text, a number, a truth value, or nothing. */
export type MetricValue = string | number | boolean | null
export type MetricRow = Readonly<Record<string, MetricValue>>

export interface Evidence {
  /** Words at the head of README.txt: what was asked, of whom, when. */
  readonly readme: string
  readonly target: ImageTarget
  readonly readings: readonly ExchangeReading[]
  /** Rows of a table; columns are the keys in the order of their first appearance. */
  readonly metrics: readonly MetricRow[]
  /** Values that JSON can hold. */
  readonly runs: readonly unknown[]
  readonly log: readonly unknown[]
}

/** SHA-256, hexadecimal. */
export type Sha256 = (bytes: Uint8Array) => string

const encode = (text: string): Uint8Array => new TextEncoder().encode(text)
const jsonFile = (path: string, value: unknown): NamedFile => ({
  path,
  bytes: encode(`${JSON.stringify(value, null, 2)}\n`),
})

/** Text that a spreadsheet would run as a formula is led in by an apostrophe (OWASP, CSV injection). */
const harmless = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text)

function cell(value: MetricValue | undefined): string {
  if (value === null || value === undefined) return ''
  const text = typeof value === 'string' ? harmless(value) : String(value)
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** RFC 4180, with a head line; empty cells for what a row does not have. */
export function writeCsv(rows: readonly MetricRow[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column]))]
  return lines.map((line) => line.map(cell).join(',')).join('\r\n') + '\r\n'
}

interface Masks {
  readonly files: readonly NamedFile[]
  /** Folder of each reader, and what could not be written there. */
  readonly notes: readonly string[]
}

/** Folders by reader; two readers whose names look alike as paths get numbers. */
function masksOf({ readings, target }: Evidence, inflate: Inflate): Result<Masks> {
  const files: NamedFile[] = []
  const notes: string[] = []
  const taken = new Set<string>()
  for (const [at, reading] of readings.entries()) {
    const plain = pathPart(reading.reader, `reader-${at + 1}`)
    const folder = taken.has(plain) ? `${plain}-${at + 1}` : plain
    taken.add(folder)
    notes.push(`masks/${folder}: ${reading.reader || 'reader not named'}`)
    if (reading.structures.length === 0) {
      notes.push('  no structure was drawn')
      continue
    }
    const pictures = writeMaskPictures(reading, target, inflate)
    if (!pictures.ok) return pictures
    files.push(...pictures.value.map(({ path, bytes }) => ({ path: `masks/${folder}/${path}`, bytes })))
    if (target.kind !== 'series') continue
    const nifti = writeNifti(reading, target, inflate)
    if (nifti.ok) files.push({ path: `masks/${folder}/reading.nii.gz`, bytes: nifti.value })
    else notes.push(`  no NIfTI file: ${nifti.refusal.reason}`)
  }
  return accept({ files, notes })
}

const MASKS_OF_SLICES = [
  'masks/         One folder a reader. PNG: white is inside, one picture a structure and slice; slice-0012_UID is',
  '               slice 12 as the page counts, of an axial CT from the head, and its SOP Instance UID; without a UID it is',
  '               the 12th along the normal. "nothing-drawn": the reader drew nothing of it.',
  '               reading.nii.gz: label map, 1, 2, ... in the order of the structures, RAS millimetres.',
]
const MASKS_OF_PHOTOGRAPH = [
  'masks/         One folder a reader. PNG of the pixels of the photograph: white is inside, one picture a structure.',
  '               They lie on the photograph as it is shown: turned or mirrored as its EXIF orientation says.',
  '               "nothing-drawn": the reader drew nothing of it.',
]

function readmeOf(evidence: Evidence, notes: readonly string[]): string {
  const { target } = evidence
  const image =
    target.kind === 'series'
      ? `Series ${target.seriesUid}, ${target.slices.length} slices of ${target.widthPx} x ${target.heightPx} pixels`
      : `Photograph ${target.name}, ${target.widthPx} x ${target.heightPx} pixels`
  return [
    evidence.readme.trim(),
    '',
    image,
    '',
    ...(target.kind === 'series' ? MASKS_OF_SLICES : MASKS_OF_PHOTOGRAPH),
    'metrics.csv    Figures of each reading with each other one, the same as in metrics.json. Of more than twelve readings:',
    '               of the own one with the others.',
    'runs.json      Runs of a model: what an outline was started from, with model and seed, and what a reader was shown.',
    '               Empty where neither was.',
    'log.jsonl      One reader a line: the answer with how sure and the comment, when it was committed, the SHA-256 of the',
    '               committed document (digest), and what the reader had been shown when.',
    'manifest.json  Path, bytes and SHA-256 of every other file. To check: sha256sum FILE.',
    '',
    ...notes,
    '',
    'Not a medical device. Research use only.',
    '',
  ].join('\n')
}

/**
 * Makes the bundle: the same evidence gives the same bytes. Masks are read back and compared before. Refused: two
 * masks that cannot be told apart, and what `writeMaskPictures` refuses.
 */
export function bundleEvidence(evidence: Evidence, sha256: Sha256, inflate: Inflate): Result<Uint8Array> {
  const masks = masksOf(evidence, inflate)
  if (!masks.ok) return masks
  const log = evidence.log.map((entry) => JSON.stringify(entry))
  if (log.some((line) => typeof line !== 'string')) {
    return refuse('internal', 'An entry of the log cannot be written as JSON.')
  }
  const files: readonly NamedFile[] = [
    { path: 'README.txt', bytes: encode(readmeOf(evidence, masks.value.notes)) },
    ...masks.value.files,
    { path: 'metrics.csv', bytes: encode(writeCsv(evidence.metrics)) },
    jsonFile('metrics.json', evidence.metrics),
    jsonFile('runs.json', evidence.runs),
    { path: 'log.jsonl', bytes: encode(log.map((line) => `${line}\n`).join('')) },
  ]
  const manifest = files.map(({ path, bytes }) => ({ path, bytes: bytes.length, sha256: sha256(bytes) }))
  return writeZip([...files, jsonFile('manifest.json', { files: manifest })])
}
