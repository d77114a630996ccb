import { accept, refuse } from '../../contract'
import type { AuditVerdict, Result } from '../../contract'
import { entriesAfter, perform, verifyWorkspace } from './audit-log'
import { migrate, migrations } from './database/migrations'
import type { SqlDriver } from './database/sql-driver'
import { attemptsIn } from './stored-attempts'
import { identitiesIn } from './stored-identities'
import { journalIn } from './stored-journal'
import { measurementsIn } from './stored-measurements'
import { placesIn } from './stored-places'
import { panelsIn } from './stored-panels'
import { ratersIn } from './stored-raters'
import { subjectsIn } from './stored-subjects'
import { trainingIn } from './stored-training'
import type { WorkspaceStore } from './store'

/** Entries of the audit log in one answer. */
const MOST_ENTRIES = 10_000

/** Brings the database to this program's version and gives the store on it; a refusal closes the database. */
export async function createSqlStore(
  driver: SqlDriver,
  clock: () => number,
): Promise<Result<WorkspaceStore>> {
  const ready = await migrate(driver, migrations, clock)
  if (ready.ok) return accept(storeOn(driver, clock))
  await driver.close()
  return ready
}

const storeOn = (driver: SqlDriver, clock: () => number): WorkspaceStore => ({
  kind: driver.kind,
  name: driver.name,
  ...ratersIn(driver, clock),
  ...panelsIn(driver, clock),
  ...attemptsIn(driver, clock),
  ...journalIn(driver, clock),
  ...identitiesIn(driver),
  ...subjectsIn(driver, clock),
  ...trainingIn(driver, clock),
  ...measurementsIn(driver, clock),
  ...placesIn(driver, clock),

  audit: (act) =>
    driver.write(async (sql) => {
      const done = await perform(sql, clock, act, () => [])
      return done.ok ? accept(null) : done
    }),
  auditEntries: (after, limit) =>
    driver.read(async (sql) => accept(await entriesAfter(sql, after, Math.min(limit, MOST_ENTRIES)))),
  verifyAudit: () => verifyWorkspace(driver),

  check: async () => {
    const whole = await driver.check()
    if (!whole.ok) return whole
    const verdict = await verifyWorkspace(driver)
    return verdict.ok ? wholeOnly(verdict.value, driver.name) : verdict
  },
  backUp: driver.backUp,
  close: driver.close,
})

const wholeOnly = ({ whole, brokenAt }: AuditVerdict, name: string): Result<null> =>
  whole
    ? accept(null)
    : refuse(
        'workspace-failed',
        `The workspace ${name} was changed by something else than Margin: entry ${brokenAt ?? 0} of its audit log does not fit.`,
        { next: 'Keep the workspace as it is, and restore the newest good backup beside it.' },
      )
