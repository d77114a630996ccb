import { createHash } from 'node:crypto'
import type { ExportManifest, Result, Warning } from '../../contract'
import { bundleEvidence, type Evidence } from '../../core/exchange/bundle/evidence-bundle'
import type { ExchangeReading } from '../../core/exchange/exchange-reading'
import { handOut, type HandOut } from '../../core/exchange/hand-out'
import { writeZip } from '../../core/files/zip-file'
import { inflate } from './image-of-subject'

/** What is said of a reader's files in `export.json`. */
export interface ReaderFacts {
  readonly reader: string
  readonly attempt: number | null
  readonly blind: boolean
  readonly verdict: string
}

/** An export; only data, so that it can go to another thread. */
export type ExportJob =
  | {
      readonly kind: 'files'
      readonly readings: readonly ExchangeReading[]
      readonly how: Omit<HandOut, 'inflate'>
      readonly facts: readonly ReaderFacts[]
      readonly warnings: readonly Warning[]
      readonly madeAt: string
      readonly version: string
      readonly exposures: unknown
    }
  | { readonly kind: 'bundle'; readonly evidence: Evidence }

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const jsonFile = (value: unknown): Uint8Array =>
  new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`)

/** The ZIP of an export: files read back before, what stands in them, and the exposure log. */
export function exportZip(job: ExportJob): Result<Uint8Array> {
  if (job.kind === 'bundle') return bundleEvidence(job.evidence, sha256, inflate)
  const { readings, how, facts, warnings, madeAt, version, exposures } = job
  const written = handOut(readings, { ...how, inflate })
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
      }
    }),
    warnings: [...warnings],
  }
  return writeZip([
    ...written.value.files.map(({ path, bytes }) => ({ path, bytes })),
    { path: 'export.json', bytes: jsonFile(manifest) },
    { path: 'exposures.json', bytes: jsonFile(exposures) },
  ])
}
