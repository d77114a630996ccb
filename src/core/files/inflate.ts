import type { Result } from '../../contract'

/**
 * Inflates raw deflate, or a gzip file with all of its members (RFC 1952 2.2; its first byte, 1F, begins no deflate
 * stream). Refuses damage and anything that would unfold past the limit.
 */
export type Inflate = (deflated: Uint8Array, limitBytes: number) => Result<Uint8Array>
