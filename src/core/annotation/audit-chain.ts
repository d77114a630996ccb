/**
 * The audit log as a chain: each entry carries the hash of the one before it, so that a change, a gap, a swap or an
 * insertion shows, and where. What a chain alone cannot show is that its end was cut off or written anew from some
 * entry on: for that the last number and hash are kept elsewhere too (a backup, an export) and given to `verifyChain`.
 */
import type { AuditEntry, AuditVerdict } from '../../contract'
import { canonicalJson } from './canonical-json'

/** sha256 of bytes, lower-case hex; passed in, since core has no cryptography. */
export type Sha256 = (bytes: Uint8Array) => string

/** Where a chain stands: the number and the hash of its last entry. */
export interface ChainHead {
  readonly number: number
  readonly hash: string
}

/** Before the first entry. */
export const CHAIN_START: ChainHead = { number: 0, hash: '0'.repeat(64) }

/**
 * sha256 over UTF-8 of: the previous hash (64 hex digits), a line feed, the canonical JSON of the entry without its
 * two hashes.
 */
export function auditHash(
  previousHash: string,
  entry: Omit<AuditEntry, 'hash' | 'previousHash'>,
  sha256: Sha256,
): string {
  const { number, at, raterId, act, about } = entry
  return sha256(
    new TextEncoder().encode(`${previousHash}\n${canonicalJson({ number, at, raterId, act, about })}`),
  )
}

/** The next entry of a chain that stands at `head`. */
export function chainEntry(
  head: ChainHead,
  entry: Pick<AuditEntry, 'at' | 'raterId' | 'act' | 'about'>,
  sha256: Sha256,
): AuditEntry {
  const numbered = { ...entry, number: head.number + 1 }
  return { ...numbered, previousHash: head.hash, hash: auditHash(head.hash, numbered, sha256) }
}

/**
 * Whether the entries are the chain that goes on from `start` (a long log is verified in pages). `brokenAt` is the
 * first number that does not hold what the chain needs there. `known`: a head that was kept elsewhere; the chain is
 * broken at it where it holds another hash, or after its last entry where it ends before.
 */
export function verifyChain(
  entries: readonly AuditEntry[],
  sha256: Sha256,
  start: ChainHead = CHAIN_START,
  known: ChainHead | null = null,
): AuditVerdict {
  let head = start
  const verdict = (brokenAt: number | null): AuditVerdict => ({
    entries: entries.length,
    whole: brokenAt === null,
    brokenAt,
    head: head.hash,
  })
  for (const entry of entries) {
    const number = head.number + 1
    const fits =
      entry.number === number &&
      entry.previousHash === head.hash &&
      entry.hash === auditHash(head.hash, entry, sha256) &&
      (known?.number !== number || known.hash === entry.hash)
    if (!fits) return verdict(number)
    head = { number, hash: entry.hash }
  }
  return verdict(known !== null && known.number > head.number ? head.number + 1 : null)
}
