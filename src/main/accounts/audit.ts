import type { AuditEntry, AuditVerdict, Rater, Result } from '../../contract'
import type { StoreCalls } from '../workspace/store-calls'
import { ownerOnly } from './owner-only'

const PAGE_ENTRIES = 10_000

/** The log of who did what when, to the owner. */
export interface Audit {
  readonly entries: (rater: Rater, after: number) => Promise<Result<readonly AuditEntry[]>>
  readonly verify: (rater: Rater) => Promise<Result<AuditVerdict>>
}

export const createAudit = (store: StoreCalls): Audit => ({
  entries: async (rater, after) => {
    const allowed = ownerOnly(rater, 'The audit log')
    return allowed.ok ? store.auditEntries(after, PAGE_ENTRIES) : allowed
  },
  verify: async (rater) => {
    const allowed = ownerOnly(rater, 'The audit log')
    return allowed.ok ? store.verifyAudit() : allowed
  },
})
