import type { RunRequest } from '../../../contract'

/** A run that was drawn and is not shown: its lines, packed. */
export interface KeptRun {
  readonly request: RunRequest
  readonly packed: Blob
}

/** A hundred samples of a photograph take half a megabyte to one: some two hundred photographs. */
export const MOST_KEPT_BYTES = 192 * 2 ** 20

/** With one more, as the newest, by photograph; the oldest are let go beyond the limit, and are drawn again when opened. */
export function keepRun(
  kept: ReadonlyMap<string, KeptRun>,
  imageId: string,
  run: KeptRun,
  mostBytes = MOST_KEPT_BYTES,
): ReadonlyMap<string, KeptRun> {
  const others = [...kept].filter(([id]) => id !== imageId)
  let bytes = run.packed.size
  const stay = others.toReversed().filter(([, { packed }]) => (bytes += packed.size) <= mostBytes)
  return new Map([...stay.toReversed(), [imageId, run]])
}
