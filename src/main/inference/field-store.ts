import { accept, refuse } from '../../contract'
import type { Result } from '../../contract'

interface HeldRun {
  readonly gridPixels: number
  readonly fields: Int8Array
  /** Samples written so far. */
  drawn: number
}

/** The sub-pixel fields of the last runs, within a limit of memory; the run used longest ago goes first. */
export class FieldStore {
  readonly #limitBytes: number
  readonly #runs = new Map<string, HeldRun>()

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  /** Makes room for a run. A run that exceeds the limit alone is not kept. */
  open(runId: string, gridPixels: number, samples: number): void {
    const sizeBytes = gridPixels * samples
    if (sizeBytes > this.#limitBytes) return
    let held = sizeBytes
    for (const run of this.#runs.values()) held += run.fields.byteLength
    for (const [oldest, run] of this.#runs) {
      if (held <= this.#limitBytes) break
      this.#runs.delete(oldest)
      held -= run.fields.byteLength
    }
    this.#runs.set(runId, { gridPixels, fields: new Int8Array(sizeBytes), drawn: 0 })
  }

  /** Adds the fields of the next samples of a run. */
  append(runId: string, fields: Int8Array): void {
    const run = this.#runs.get(runId)
    if (run === undefined) return
    run.fields.set(fields, run.drawn * run.gridPixels)
    run.drawn += fields.length / run.gridPixels
  }

  drop(runId: string): void {
    this.#runs.delete(runId)
  }

  /** `count` fields from sample `first` on. Refused: a run that was let go, samples that are not drawn. */
  read(runId: string, first: number, count: number): Result<Uint8Array> {
    const run = this.#runs.get(runId)
    if (run === undefined) {
      const next = 'Run it again with the same seed; the samples will be the same.'
      return refuse('not-found', 'The outlines of this run are no longer held.', { next })
    }
    const whole = Number.isInteger(first) && Number.isInteger(count)
    if (!whole || first < 0 || count < 1 || first + count > run.drawn) {
      return refuse(
        'request-invalid',
        `Samples ${first} to ${first + count - 1} are not among the ${run.drawn} drawn.`,
      )
    }
    this.#runs.delete(runId)
    this.#runs.set(runId, run)
    const part = run.fields.subarray(first * run.gridPixels, (first + count) * run.gridPixels)
    return accept(new Uint8Array(part.buffer, part.byteOffset, part.byteLength))
  }
}
