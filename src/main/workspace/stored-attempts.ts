import { randomUUID } from 'node:crypto'
import { accept, refuse } from '../../contract'
import type { Result } from '../../contract'
import { perform } from './audit-log'
import type { Row, SqlDriver, SqlSession, SqlValue } from './database/sql-driver'
import { taskStands } from './stored-panels'
import type { NewAttempt, StoredAttempt, WorkspaceStore } from './store'

const textOrNull = (held: SqlValue | undefined): string | null => (typeof held === 'string' ? held : null)

function attemptOf(row: Row): StoredAttempt {
  const committedAt = textOrNull(row['committed_at'])
  const position = row['case_position']
  return {
    attemptId: String(row['attempt_id']),
    subject: String(row['subject']),
    raterId: String(row['rater_id']),
    panelId: textOrNull(row['panel_id']),
    casePosition: typeof position === 'number' ? position : null,
    number: Number(row['number']),
    state: committedAt === null ? 'draft' : row['locked_at'] === null ? 'committed' : 'locked',
    blind: row['blind'] === 1,
    openedAt: String(row['opened_at']),
    committedAt,
    revision: Number(row['revision']),
    digest: textOrNull(row['digest']),
    readingMs: Number(row['reading_ms'] ?? 0),
    slicesSeen: Number(row['slices_seen'] ?? 0),
    widthPx: Number(row['width_px']),
    heightPx: Number(row['height_px']),
  }
}

/** An attempt's state is what was appended about it: nothing of it is ever updated. */
const ATTEMPTS = `SELECT attempt.*, done.at AS committed_at, done.digest, done.reading_ms, done.slices_seen,
    closed.at AS locked_at,
    (SELECT COALESCE(MAX(revision), 0) FROM journal WHERE journal.attempt_id = attempt.attempt_id) AS revision
  FROM attempt
  LEFT JOIN attempt_end done ON done.attempt_id = attempt.attempt_id AND done.state = 'committed'
  LEFT JOIN attempt_end closed ON closed.attempt_id = attempt.attempt_id AND closed.state = 'locked'`

async function attemptsWhere(
  sql: SqlSession,
  condition: string,
  values: readonly SqlValue[],
): Promise<readonly StoredAttempt[]> {
  const rows = await sql.all(`${ATTEMPTS} WHERE ${condition} ORDER BY attempt.act_number`, values)
  return rows.map(attemptOf)
}

export async function attemptIn(sql: SqlSession, attemptId: string): Promise<Result<StoredAttempt>> {
  const [attempt] = await attemptsWhere(sql, 'attempt.attempt_id = ?', [attemptId])
  return attempt === undefined ? refuse('not-found', 'There is no such attempt.') : accept(attempt)
}

/** The drafts of a rater at a subject that nothing may be given out in; in a closed panel none can be committed. */
export async function hasBlindDraft(sql: SqlSession, raterId: string, subject: string): Promise<boolean> {
  const attempts = await attemptsWhere(
    sql,
    `attempt.rater_id = ? AND attempt.subject = ?
      AND (attempt.panel_id IS NULL OR attempt.panel_id NOT IN (SELECT panel_id FROM panel_closed))`,
    [raterId, subject],
  )
  return attempts.some(({ state, blind }) => state === 'draft' && blind)
}

/** Refused where the panel is closed; null: outside a panel. */
async function inOpenPanel(sql: SqlSession, panelId: string | null): Promise<Result<null>> {
  const closed = await sql.all('SELECT at FROM panel_closed WHERE panel_id = ?', [panelId])
  if (closed.length === 0) return accept(null)
  return refuse('attempt-fixed', 'This panel is closed: no further reading of it is opened or committed.', {
    next: 'What was committed before stays; ask the owner of the workspace.',
  })
}

/** Refused where the rater, the panel or the case is not there, or the panel is closed. */
async function checkPlace(sql: SqlSession, attempt: NewAttempt): Promise<Result<null>> {
  const { raterId, panelId, casePosition, subject } = attempt
  const rater = await sql.all('SELECT 1 AS known FROM rater WHERE rater_id = ?', [raterId])
  if (rater.length === 0) return refuse('not-found', 'There is no such rater.')
  if (panelId === null && casePosition === null) return accept(null)
  const open = await inOpenPanel(sql, panelId)
  if (!open.ok) return open
  const [place] = await sql.all(
    'SELECT subject FROM panel_case WHERE panel_id = ? AND rater_id = ? AND position = ?',
    [panelId, raterId, casePosition],
  )
  if (place?.['subject'] === subject) return accept(null)
  return refuse('not-found', 'The panel has no such case for this rater.')
}

async function open(
  sql: SqlSession,
  clock: () => number,
  attempt: NewAttempt,
): Promise<Result<StoredAttempt>> {
  const { subject, raterId, panelId, casePosition, widthPx, heightPx } = attempt
  const place = await checkPlace(sql, attempt)
  if (!place.ok) return place
  const caseKey = panelId === null ? subject : `panel ${panelId} case ${casePosition ?? 0}`
  const earlier = await attemptsWhere(sql, 'attempt.rater_id = ? AND attempt.case_key = ?', [
    raterId,
    caseKey,
  ])
  const draft = earlier.find(({ state }) => state === 'draft')
  if (draft !== undefined) return accept(draft)
  if (earlier.some(({ state }) => state === 'locked')) {
    return refuse('attempt-fixed', 'This case is locked: no further attempt is taken.', {
      next: 'Ask the owner of the workspace.',
    })
  }
  const given = await sql.all('SELECT 1 AS given FROM exposure WHERE rater_id = ? AND subject = ? LIMIT 1', [
    raterId,
    subject,
  ])
  const blind = attempt.blind && given.length === 0
  const attemptId = randomUUID()
  const number = earlier.length + 1
  const about = { attemptId, subject, panelId, casePosition, number, blind }
  const done = await perform(sql, clock, { raterId, act: 'open-attempt', about }, (at) => [
    [
      'attempt',
      {
        attempt_id: attemptId,
        subject,
        rater_id: raterId,
        panel_id: panelId,
        case_position: casePosition,
        case_key: caseKey,
        number,
        blind: blind ? 1 : 0,
        opened_at: at,
        width_px: widthPx,
        height_px: heightPx,
      },
    ],
  ])
  return done.ok ? attemptIn(sql, attemptId) : done
}

/** Refused unless `expectedRevision` is the last one. */
export const atRevision = (
  attempt: Pick<StoredAttempt, 'revision'>,
  expectedRevision: number,
): Result<null> =>
  attempt.revision === expectedRevision
    ? accept(null)
    : refuse(
        'revision-conflict',
        `The attempt stands at revision ${attempt.revision}, not ${expectedRevision}: it went on in another window.`,
        { next: 'Fetch the entries that are missing, then send again.' },
      )

type AttemptActs = Pick<
  WorkspaceStore,
  'openAttempt' | 'attempt' | 'attemptsOfSubject' | 'attemptsOfRater' | 'attemptsOfPanel' | 'commit' | 'lock'
>

export const attemptsIn = (driver: SqlDriver, clock: () => number): AttemptActs => {
  const where = (condition: string, value: string): Promise<Result<readonly StoredAttempt[]>> =>
    driver.read(async (sql) => accept(await attemptsWhere(sql, condition, [value])))
  return {
    openAttempt: (attempt) => driver.write((sql) => open(sql, clock, attempt)),
    attempt: (attemptId) => driver.read((sql) => attemptIn(sql, attemptId)),
    attemptsOfSubject: (subject) => where('attempt.subject = ?', subject),
    attemptsOfRater: (raterId) => where('attempt.rater_id = ?', raterId),
    attemptsOfPanel: (panelId) => where('attempt.panel_id = ?', panelId),

    commit: ({ attemptId, expectedRevision, digest, readingMs, slicesSeen, wordsAt }) =>
      driver.write(async (sql) => {
        const found = await attemptIn(sql, attemptId)
        if (!found.ok) return found
        const { state, revision, raterId } = found.value
        const isSame = found.value.digest === digest && revision === expectedRevision
        if (state !== 'draft') return isSame ? found : refuse('attempt-fixed', 'The attempt is committed.')
        const expected = atRevision(found.value, expectedRevision)
        if (!expected.ok) return expected
        const inTime = await inOpenPanel(sql, found.value.panelId)
        if (!inTime.ok) return inTime
        const told = await taskStands(sql, found.value.panelId, wordsAt ?? found.value.openedAt)
        if (!told.ok) return told
        const about = { attemptId, revision, digest }
        const done = await perform(sql, clock, { raterId, act: 'commit', about }, (at) => [
          [
            'attempt_end',
            {
              attempt_id: attemptId,
              state: 'committed',
              at,
              digest,
              reading_ms: readingMs,
              slices_seen: slicesSeen,
            },
          ],
        ])
        return done.ok ? attemptIn(sql, attemptId) : done
      }),

    lock: (attemptId, by) =>
      driver.write(async (sql) => {
        const found = await attemptIn(sql, attemptId)
        if (!found.ok || found.value.state === 'locked') return found
        if (found.value.state === 'draft') {
          return refuse('request-invalid', 'Only a committed attempt can be locked.', {
            next: 'Commit it first.',
          })
        }
        const done = await perform(sql, clock, { raterId: by, act: 'lock', about: { attemptId } }, (at) => [
          [
            'attempt_end',
            { attempt_id: attemptId, state: 'locked', at, digest: null, reading_ms: null, slices_seen: null },
          ],
        ])
        return done.ok ? attemptIn(sql, attemptId) : done
      }),
  }
}
