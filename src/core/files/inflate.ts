import type { Result } from '../../contract'

/** Inflates raw deflate; refuses damage and anything that would unfold past the limit. */
export type Inflate = (deflated: Uint8Array, limitBytes: number) => Result<Uint8Array>
