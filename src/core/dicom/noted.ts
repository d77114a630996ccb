import type { Warning } from '../../contract'

/** A value read from a header, and what was noticed on the way. */
export interface Noted<T> {
  readonly value: T
  readonly warnings: readonly Warning[]
}
