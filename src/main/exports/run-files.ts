import type { ImageSummary, InferReport, SeriesDetail } from '../../contract'
import type { Services } from '../services'
import type { ReportedTarget } from './infer-report'

/** What the files of a command are made from. */
export interface RunFiles {
  readonly services: Services
  readonly detail: SeriesDetail | null
  readonly image: ImageSummary | null
  readonly targets: readonly ReportedTarget[]
  readonly report: (files: readonly string[]) => InferReport | null
  readonly outDir: string
  readonly signal: AbortSignal
}

/** A file of the output folder; the path has forward slashes on every system. */
export interface OutputFile {
  readonly path: string
  readonly bytes: Uint8Array
}
