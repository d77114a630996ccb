import { createHash } from 'node:crypto'
import { accept } from '../../contract'
import type { ExportManifest, PanelExportManifest, Refusal, Result, Warning } from '../../contract'
import { bundleEvidence, type Evidence } from '../../core/exchange/bundle/evidence-bundle'
import type { ExchangeFormat, ExchangeReading } from '../../core/exchange/exchange-reading'
import { type DrawnExport, writeDrawn } from '../../core/exchange/drawn/write-drawn'
import { exportReadings, type ReadingsExport } from '../../core/exchange/export-readings'
import type { NamedFile } from '../../core/files/named-file'
import { writeZip } from '../../core/files/zip-file'
import { inflate } from './image-of-subject'
import { type MeasurementsJob, measurementsZip } from './measurements-zip'

/** What is said of a reader's files in `export.json`. */
export interface ReaderFacts {
  readonly reader: string
  readonly attempt: number | null
  readonly blind: boolean
  readonly verdict: string
  /** How sure, 1 to 5; null: not said, or a file said nothing of it. */
  readonly confidence: number | null
  readonly comment: string
  readonly reason: string
}

/** An export; only data, so that it can go to another thread. */
export type ExportJob =
  | {
      readonly kind: 'files'
      readonly readings: readonly ExchangeReading[]
      readonly how: Omit<ReadingsExport, 'inflate'>
      readonly facts: readonly ReaderFacts[]
      readonly warnings: readonly Warning[]
      readonly madeAt: string
      readonly version: string
      readonly exposures: unknown
      /** What the readers were told, by panel. */
      readonly panels: unknown
    }
  | { readonly kind: 'bundle'; readonly evidence: Evidence }
  | PanelJob
  | MeasurementsJob
  | {
      /** What a run goes out as: files that are ready, and objects to write. */
      readonly kind: 'run'
      readonly ready: readonly NamedFile[]
      readonly drawn: DrawnExport | null
    }

/** A whole panel: the readings of each case in each format, and files about all of it. */
export interface PanelJob {
  readonly kind: 'panel'
  readonly version: string
  readonly cases: readonly {
    readonly number: number
    readonly readings: readonly ExchangeReading[]
    readonly hows: readonly Omit<ReadingsExport, 'inflate'>[]
  }[]
  /** Texts by their paths. */
  readonly about: readonly { readonly path: string; readonly text: string }[]
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const jsonFile = (value: unknown): Uint8Array =>
  new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`)

/** The ZIP of an export: files read back before, what stands in them, and the exposure log. */
export function exportZip(job: ExportJob): Result<Uint8Array> {
  if (job.kind === 'bundle') return bundleEvidence(job.evidence, sha256, inflate)
  if (job.kind === 'panel') return panelZip(job)
  if (job.kind === 'run') return runZip(job)
  if (job.kind === 'measurements') return measurementsZip(job)
  const { readings, how, facts, warnings, madeAt, version, exposures, panels } = job
  const written = exportReadings(readings, { ...how, inflate })
  if (!written.ok) return written
  const manifest: ExportManifest = {
    madeAt,
    version,
    files: written.value.files.map(({ path, bytes, reader }) => {
      const of = facts.find((one) => one.reader === reader)
      return {
        path,
        sha256: sha256(bytes),
        reader,
        attempt: of?.attempt ?? null,
        blind: of?.blind ?? false,
        verdict: of?.verdict ?? 'outlined',
        confidence: of?.confidence ?? null,
        comment: of?.comment ?? '',
        reason: of?.reason ?? '',
      }
    }),
    warnings: [...warnings],
  }
  return writeZip([
    ...written.value.files.map(({ path, bytes }) => ({ path, bytes })),
    { path: 'export.json', bytes: jsonFile(manifest) },
    { path: 'exposures.json', bytes: jsonFile(exposures) },
    { path: 'panels.json', bytes: jsonFile(panels) },
  ])
}

function runZip({ ready, drawn }: Extract<ExportJob, { readonly kind: 'run' }>): Result<Uint8Array> {
  const objects = drawn === null ? accept([]) : writeDrawn(drawn, inflate)
  return objects.ok ? writeZip([...ready, ...objects.value]) : objects
}

/** Folders are `case-001/seg`, by the number of the case in the table of answers. */
const folderOf = (number: number, format: string): string =>
  `case-${String(number).padStart(3, '0')}/${format}`

function panelZip({ version, cases, about }: PanelJob): Result<Uint8Array> {
  const files: (NamedFile & Pick<PanelExportManifest['files'][number], 'case' | 'reader'>)[] = about.map(
    ({ path, text }) => ({ path, bytes: new TextEncoder().encode(text), case: null, reader: null }),
  )
  for (const { number, readings, hows } of cases)
    for (const how of hows) {
      const written = exportReadings(readings, { ...how, inflate })
      if (!written.ok) return refuseCase(number, how.format, written.refusal)
      for (const { path, bytes, reader } of written.value.files)
        files.push({ path: `${folderOf(number, how.format)}/${path}`, bytes, case: number, reader })
    }
  const manifest: PanelExportManifest = {
    version,
    files: files.map(({ path, bytes, case: of, reader }) => ({
      path,
      sha256: sha256(bytes),
      case: of,
      reader,
    })),
  }
  return writeZip([
    ...files.map(({ path, bytes }) => ({ path, bytes })),
    { path: 'manifest.json', bytes: jsonFile(manifest) },
  ])
}

/** A committed reading cannot be mended: the way out is to ask without the format that cannot hold it. */
const refuseCase = (number: number, format: ExchangeFormat, refusal: Refusal): Result<never> => {
  const name = format.toUpperCase()
  const reason = `Case ${number}, ${name}: ${refusal.reason}`
  const next = `Nothing was handed out. Ask for the panel without ${name}.`
  return { ok: false, refusal: { ...refusal, reason, next } }
}
