import { accept, refuse } from '../../contract'
import type { PanelAgreement, PanelExportRequest, Rater, Result, Subject } from '../../contract'
import { exposuresBefore, exposureWords } from '../../core/annotation/exposure'
import { type MetricRow, writeCsv } from '../../core/exchange/bundle/evidence-bundle'
import type { ReadingsExport } from '../../core/exchange/export-readings'
import { ownPanel } from '../readings/panels/panel-changes'
import { panelAgreement } from '../readings/panels/panel-figures'
import { readingOfAttempt } from '../readings/shown-readings'
import { listedSubjects, titleOfListed } from '../../core/subject/listed'
import { keyOfSubject } from '../../core/subject/subject'
import type { StoredAttempt, StoredCase, StoredPanel, StoredRater } from '../workspace/store'
import type { PanelJob } from './export-zip'
import { exchangeReading, type ExchangeParts, RESEARCH, SERIES_NUMBER } from './export-readings'
import type { ExportedFile } from './exported-file'
import { sourceOf, targetOf } from './image-of-subject'
import { writeExport } from './write-files'

type PanelFormat = PanelExportRequest['formats'][number]
/** A photograph has no slices and no UIDs. */
const FOR_PHOTOGRAPHS: ReadonlySet<PanelFormat> = new Set(['png', 'coco'])

/** A panel as it goes out: everything that is known of it, by images in the order of their keys. */
interface WholePanel {
  readonly panel: StoredPanel
  readonly raters: readonly StoredRater[]
  readonly places: readonly StoredCase[]
  readonly attempts: readonly StoredAttempt[]
  /** With the title that the list of cases gives it. */
  readonly subjects: readonly { readonly key: string; readonly subject: Subject; readonly title: string }[]
}

/**
 * Every committed reading of a panel as files, with the table of answers, the figures of agreement, what the readers
 * were told and shown. It is whole or refused: an image that is not open, or a kind that no format asked for can hold,
 * is named. Nothing in it tells when it was made, so that it can be made again to the byte.
 */
export async function exportPanel(
  parts: ExchangeParts,
  rater: Rater,
  panelId: string,
  { formats }: PanelExportRequest,
): Promise<Result<ExportedFile>> {
  const panel = await ownPanel(parts.store, rater, panelId, 'Exporting a panel')
  if (!panel.ok) return panel
  const whole = await wholePanel(parts, panel.value)
  if (!whole.ok) return whole
  // Before anything is given; the figures note themselves.
  const keys = whole.value.subjects.map(({ key }) => key)
  const released = await parts.disclosure.releaseAll(rater, keys, 'peers', 'panel handed out')
  if (!released.ok) return released
  const figures = await panelAgreement(parts, rater, panelId)
  if (!figures.ok) return figures
  const read = await readingsOf(parts, whole.value)
  if (!read.ok) return read
  const cases: PanelJob['cases'][number][] = []
  for (const [at, { subject }] of whole.value.subjects.entries()) {
    const readings = read.value.filter(({ number }) => number === at + 1)
    const hows = await howsOf(parts, subject, formats, readings)
    if (!hows.ok) return hows
    if (readings.length > 0)
      cases.push({ number: at + 1, readings: readings.map(({ reading }) => reading), hows: hows.value })
  }
  const about = await aboutPanel(parts, whole.value, figures.value, read.value)
  if (!about.ok) return about
  const act = { panelId, formats: formats.join(' '), readings: read.value.length }
  const noted = await parts.store.audit({ raterId: rater.raterId, act: 'handed-out-panel', about: act })
  if (!noted.ok) return noted
  const job = { kind: 'panel', version: parts.version, cases, about: about.value } as const
  const bytes = await writeExport(parts.writeWorkerPath, job)
  return bytes.ok ? accept({ name: `margin-panel-${whole.value.panel.name}.zip`, bytes: bytes.value }) : bytes
}

async function wholePanel(
  { store, subjects, library }: ExchangeParts,
  panel: StoredPanel,
): Promise<Result<WholePanel>> {
  const { panelId } = panel
  const raters = await store.raters()
  if (!raters.ok) return raters
  const places = await store.casesOfPanel(panelId)
  if (!places.ok) return places
  const attempts = await store.attemptsOfPanel(panelId)
  if (!attempts.ok) return attempts
  const keys = [...new Set(places.value.map(({ subject }) => subject))].toSorted()
  await subjects.locate(keys)
  const titles = new Map(
    listedSubjects(library.current()).map((one) => [keyOfSubject(one.subject), titleOfListed(one)]),
  )
  const found: WholePanel['subjects'][number][] = []
  for (const key of keys) {
    const subject = await subjects.subjectOf(key)
    const open = subject === null ? null : await subjects.find(subject)
    if (subject !== null && open?.ok === true && open.value.key === key)
      found.push({ key, subject, title: titles.get(keyOfSubject(subject)) ?? '' })
  }
  if (found.length < keys.length)
    return refuse(
      'not-found',
      `${keys.length - found.length} of the ${keys.length} images of ${panel.name} are not open: readings go out onto their images.`,
      { next: 'Open the folders that hold them, then export the panel whole.' },
    )
  return accept({
    panel,
    raters: raters.value,
    places: places.value,
    attempts: attempts.value,
    subjects: found,
  })
}

/** A committed reading with the number of its case and what its row of the table says. */
interface PanelReading {
  readonly number: number
  readonly attempt: StoredAttempt
  readonly reading: ReturnType<typeof exchangeReading>
  readonly row: MetricRow
  readonly exposures: unknown
}

/** In the order of cases, then of the panel's readers, then of commits. A reader's second reading is "R2 2". */
async function readingsOf(parts: ExchangeParts, whole: WholePanel): Promise<Result<readonly PanelReading[]>> {
  const readings: PanelReading[] = []
  for (const [at, { key, title }] of whole.subjects.entries())
    for (const raterId of whole.panel.raterIds) {
      const own = whole.attempts
        .filter((one) => one.subject === key && one.raterId === raterId && one.committedAt !== null)
        .toSorted((a, b) => (a.committedAt ?? '').localeCompare(b.committedAt ?? ''))
      for (const [index, attempt] of own.entries()) {
        const pseudonym = raterOf(whole, raterId).pseudonym
        const reader = index === 0 ? pseudonym : `${pseudonym} ${index + 1}`
        const reading = await panelReading(parts, whole, attempt, { number: at + 1, title, reader })
        if (!reading.ok) return reading
        readings.push(reading.value)
      }
    }
  return accept(readings)
}

const raterOf = ({ raters }: WholePanel, raterId: string): Pick<StoredRater, 'pseudonym' | 'retired'> =>
  raters.find((one) => one.raterId === raterId) ?? { pseudonym: '', retired: false }

async function panelReading(
  parts: ExchangeParts,
  whole: WholePanel,
  attempt: StoredAttempt,
  { number, title, reader }: { readonly number: number; readonly title: string; readonly reader: string },
): Promise<Result<PanelReading>> {
  const shown = await readingOfAttempt(parts, attempt, 'peer', reader)
  if (!shown.ok) return shown
  const exposures = await parts.store.exposures(attempt.raterId, attempt.subject)
  if (!exposures.ok) return exposures
  const words = exposureWords(attempt, exposures.value)
  const { answer, structures, blind } = shown.value
  const place = whole.places.find(
    ({ raterId, position }) => raterId === attempt.raterId && position === attempt.casePosition,
  )
  const { committedAt, digest } = attempt
  return accept({
    ...{ number, attempt },
    reading: exchangeReading(shown.value, reader, words),
    row: {
      ...{ case: number, name: title, image: attempt.subject, reader },
      retired: raterOf(whole, attempt.raterId).retired,
      ...{ position: attempt.casePosition, hiddenRepeat: place?.isRepeat ?? false, attempt: attempt.number },
      ...{ blind, shownBefore: words, verdict: answer.verdict, reason: answer.reason },
      ...{ confidence: answer.confidence, comment: answer.comment },
      structures: structures.filter(({ outlines }) => outlines.length > 0).length,
      labels: structures
        .filter(({ outlines }) => outlines.length > 0)
        .map(({ label }) => label)
        .join('; '),
      slices: new Set(structures.flatMap(({ outlines }) => outlines.map(({ sliceIndex }) => sliceIndex)))
        .size,
      ...{ readingMs: attempt.readingMs, slicesSeen: attempt.slicesSeen, committedAt, digest },
    },
    exposures: {
      ...{ case: number, reader, committedAt, digest, words },
      exposures: exposuresBefore(exposures.value, committedAt),
    },
  })
}

/** How each format that fits the image is written. Refused: none does. */
async function howsOf(
  { library, version }: ExchangeParts,
  subject: Subject,
  formats: readonly PanelFormat[],
  readings: readonly PanelReading[],
): Promise<Result<readonly Omit<ReadingsExport, 'inflate'>[]>> {
  const target = targetOf(library, subject)
  if (!target.ok) return target
  const fitting = formats.filter((format) => subject.kind === 'series' || FOR_PHOTOGRAPHS.has(format))
  if (fitting.length === 0)
    return refuse(
      'annotation-unsupported',
      `The panel holds photographs, which ${formats.join(', ')} cannot.`,
      {
        next: 'Choose PNG or COCO as well.',
      },
    )
  const marked = new Set(
    readings.flatMap(({ reading }) =>
      reading.structures.flatMap(({ slices }) => slices.map(({ sliceIndex }) => sliceIndex)),
    ),
  )
  const isDicom = (format: PanelFormat): boolean => format === 'seg' || format === 'rtstruct'
  const source = fitting.some(isDicom) ? await sourceOf(library, subject, target.value, marked) : null
  if (source !== null && !source.ok) return source
  // The same readings give the same UIDs.
  const key = readings.map(({ attempt }) => `${attempt.attemptId} ${attempt.digest ?? ''}`).join(' ')
  const stamp = { key, seriesNumber: SERIES_NUMBER, softwareVersion: version }
  return accept(
    fitting.map((format) => {
      const from = isDicom(format) ? (source?.value ?? null) : null
      return { format, target: from?.target ?? target.value, source: from, stamp }
    }),
  )
}

const README = `${RESEARCH}

panel.json       What the panel is called, what its readers were told and since when, its protocol and readers.
answers.csv      One line a committed reading: case and its name in the list, reader (pseudonym), answer, time, digest.
                  readingMs and slicesSeen are of the browser that committed alone: of a reading begun in another
                  browser, or after its data was cleared, they hold the last part only.
unread.csv       Places that are not committed.
agreement.json   Figures of agreement, all pairs of readers among them. agreement.csv, pairs.csv: the same as tables.
exposures.json   What each reader had been shown before the commit.
case-001/        Readings of the case by format, one file or folder a reader, read back and compared before.
                  slice-0012_UID.png is slice 12 as the page counts, of an axial CT from the head, and its SOP Instance
                  UID, which the picture's text Source holds too; without a UID it is the 12th along the normal.
manifest.json    Path and SHA-256 of every other file.
`

async function aboutPanel(
  { store }: ExchangeParts,
  whole: WholePanel,
  agreement: PanelAgreement,
  readings: readonly PanelReading[],
): Promise<Result<PanelJob['about']>> {
  const { panelId, name, protocol, madeAt, closedAt, raterIds } = whole.panel
  const editions = await store.editionsOfPanel(panelId)
  if (!editions.ok) return editions
  const readers = raterIds.map((raterId) => {
    const { pseudonym, retired } = raterOf(whole, raterId)
    return { pseudonym, retired }
  })
  const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`
  return accept([
    { path: 'README.txt', text: README },
    {
      path: 'panel.json',
      text: json({ panelId, name, madeAt, closedAt, protocol, readers, editions: editions.value }),
    },
    { path: 'answers.csv', text: writeCsv(readings.map(({ row }) => row)) },
    { path: 'unread.csv', text: writeCsv(unreadOf(whole)) },
    { path: 'agreement.json', text: json(agreement) },
    {
      path: 'agreement.csv',
      text: writeCsv(agreement.rows.map(({ measure, panel, note }) => ({ measure, ...panel, note }))),
    },
    { path: 'pairs.csv', text: writeCsv(agreement.pairs.flatMap(pairRows)) },
    { path: 'exposures.json', text: json(readings.map(({ exposures }) => exposures)) },
  ])
}

const pairRows = ({ first, second, sameAnswer, dice }: PanelAgreement['pairs'][number]): MetricRow[] => [
  { first, second, measure: 'same answer', ...sameAnswer },
  { first, second, measure: 'mean Dice', ...dice },
]

function unreadOf(whole: WholePanel): MetricRow[] {
  const committed = new Set(
    whole.attempts
      .filter(({ committedAt }) => committedAt !== null)
      .map(({ raterId, casePosition }) => JSON.stringify([raterId, casePosition])),
  )
  const begun = new Set(
    whole.attempts.map(({ raterId, casePosition }) => JSON.stringify([raterId, casePosition])),
  )
  return whole.subjects.flatMap(({ key }, at) =>
    whole.places
      .filter(
        ({ subject, raterId, position }) =>
          subject === key && !committed.has(JSON.stringify([raterId, position])),
      )
      .map(({ raterId, position }) => ({
        ...{ case: at + 1, image: key, reader: raterOf(whole, raterId).pseudonym, position },
        state: begun.has(JSON.stringify([raterId, position])) ? 'in progress' : 'not begun',
      })),
  )
}
