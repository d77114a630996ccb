import { accept, refuse } from '../../contract'
import type { AuditEntry, AuditVerdict, BlindAuditVerdict, Rater, Result } from '../../contract'
import type { StoreCalls } from '../workspace/store-calls'
import { ownerOnly } from './owner-only'

const PAGE_ENTRIES = 10_000

/** The log of who did what when, to the owner. */
export interface Audit {
  readonly entries: (rater: Rater, after: number) => Promise<Result<readonly AuditEntry[]>>
  readonly verify: (rater: Rater) => Promise<Result<AuditVerdict | BlindAuditVerdict>>
}

const withheld = refuse('blind', 'The audit log tells of readings that you still read blind.', {
  next: 'It is shown when you have committed every blind reading of yours; whether it is whole can be asked now.',
})

/** `anyWithheld`: whether the rater still reads anything blind. */
export const createAudit = (
  store: StoreCalls,
  anyWithheld: (rater: Rater) => Promise<Result<boolean>>,
): Audit => ({
  entries: async (rater, after) => {
    const allowed = ownerOnly(rater, 'The audit log')
    if (!allowed.ok) return allowed
    // It holds who committed what when, under hashes that a candidate can be tried against.
    const blind = await anyWithheld(rater)
    if (!blind.ok) return blind
    return blind.value ? withheld : store.auditEntries(after, PAGE_ENTRIES)
  },
  verify: async (rater) => {
    const allowed = ownerOnly(rater, 'The audit log')
    if (!allowed.ok) return allowed
    const [blind, verdict] = [await anyWithheld(rater), await store.verifyAudit()]
    if (!blind.ok) return blind
    return blind.value && verdict.ok ? accept({ whole: verdict.value.whole }) : verdict
  },
})
