import { accept, PICTURE_TURNED, refuse } from '../../contract'
import type {
  ConsensusMethod,
  ExportRequest,
  Exposure,
  Figure,
  Rater,
  Result,
  Subject,
  Warning,
} from '../../contract'
import { exposureWords } from '../../core/annotation/exposure'
import { decodeBoxMask } from '../../core/contour/box-mask'
import type { MetricRow } from '../../core/exchange/bundle/evidence-bundle'
import type { ExchangeReading } from '../../core/exchange/exchange-reading'
import type { ImageTarget } from '../../core/exchange/image-target'
import type { LibraryService, ReadingService } from '../library/library-service'
import type { Pictures } from '../pictures/picture-process'
import type { ExportedFile } from './exported-file'
import type { AttemptParts } from '../readings/attempts'
import { compareAway } from '../readings/away'
import { sourceOf, targetOf } from './image-of-subject'
import { ownReadings, shownReadings } from '../readings/shown-readings'
import type { ShownReading } from '../readings/shown-reading'
import type { FoundSubject } from '../readings/subjects'
import { writeExport } from './write-files'

export interface ExchangeParts extends AttemptParts {
  readonly library: LibraryService
  readonly readings: ReadingService
  /** Decodes pictures that are brought in. */
  readonly pictures: Pick<Pictures, 'readMaskPicture'>
  /** Version of the program. */
  readonly version: string
  /** The built `write-worker.js`; null: files are written in the calling thread. */
  readonly writeWorkerPath: string | null
}

export const SERIES_NUMBER = 9200
const NOTHING = 'Nothing here'
export const RESEARCH = 'Readings handed out by Margin. Research use only: not a medical device.'

/** A reading as it goes out: pseudonym, what it says, and what its rater had been shown before. */
interface Outgoing {
  readonly shown: ShownReading
  readonly reading: ExchangeReading
  readonly exposure: string
  readonly exposures: readonly Exposure[]
}

/**
 * Readings as files in a ZIP, each read back and found equal before, with the exposure log. While the subject is blind
 * to the rater who asks, only what this rater drew goes out; the act stands in the audit log.
 */
export async function exportReadings(
  parts: ExchangeParts,
  rater: Rater,
  request: ExportRequest,
): Promise<Result<ExportedFile>> {
  const { subject, format } = request
  const found = await parts.subjects.find(subject)
  if (!found.ok) return found
  const shown = await readingsFor(parts, rater, request, found.value)
  if (!shown.ok) return shown
  const outgoing = await outgoingOf(parts, rater, shown.value, found.value.key)
  if (!outgoing.ok) return outgoing
  const target = targetOf(parts.library, subject)
  if (!target.ok) return target
  const about = { format, subject: found.value.key, readings: shown.value.length }
  const noted = await parts.store.audit({ raterId: rater.raterId, act: 'handed-out', about })
  if (!noted.ok) return noted
  const bytes =
    format === 'bundle'
      ? await bundleOf(parts, request, found.value, target.value, outgoing.value)
      : await filesOf(parts, { subject, format }, target.value, outgoing.value)
  return bytes.ok ? accept({ name: `margin-${format}.zip`, bytes: bytes.value }) : bytes
}

async function readingsFor(
  parts: ExchangeParts,
  rater: Rater,
  { subject, readingIds, consensus }: ExportRequest,
  { key, detail }: FoundSubject,
): Promise<Result<readonly ShownReading[]>> {
  const withheld = await parts.disclosure.withheld(rater, key)
  if (!withheld.ok) return withheld
  const isBlind = withheld.value !== null
  if (!isBlind) {
    const released = await parts.disclosure.release(rater, key, 'peers', 'export')
    if (!released.ok) return released
  }
  const all = isBlind ? await ownReadings(parts, rater, key) : await shownReadings(parts, rater, subject, key)
  if (!all.ok) return all
  const wanted = all.value.filter(
    ({ readingId }) => readingIds.length === 0 || readingIds.includes(readingId),
  )
  if (wanted.length === 0)
    return refuse('not-found', 'There is no committed reading that may be exported.', {
      next: isBlind ? 'Commit the reading that is open.' : 'Commit a reading, or bring one in.',
    })
  if (consensus === 'none' || isBlind) return accept(wanted)
  const derived = await consensusReading(parts, subject, detail, all.value, consensus)
  return derived.ok ? accept([...wanted, derived.value]) : derived
}

async function consensusReading(
  { readingsWorkerPath }: ExchangeParts,
  subject: ExportRequest['subject'],
  detail: FoundSubject['detail'],
  shown: readonly ShownReading[],
  method: ConsensusMethod,
): Promise<Result<ShownReading>> {
  const asked = { lesionId: null, consensus: method }
  const compared = await compareAway(readingsWorkerPath, subject, detail, shown, asked)
  if (!compared.ok) return compared
  const { consensus, lesions } = compared.value
  const label = `Consensus, ${method === 'staple' ? 'STAPLE' : 'majority'}`
  return accept({
    readingId: `consensus-${method}`,
    source: 'imported',
    name: label,
    attempt: null,
    blind: false,
    answer: { verdict: 'outlined', reason: '', confidence: null, comment: consensus?.note ?? '' },
    structures: [
      {
        label: lesions[0]?.label ?? label,
        origin: null,
        outlines: (consensus?.slices ?? []).map(({ sliceIndex, mask }) => ({
          sliceIndex,
          placed: decodeBoxMask(mask),
        })),
      },
    ],
  })
}

async function outgoingOf(
  { store }: ExchangeParts,
  rater: Rater,
  shown: readonly ShownReading[],
  key: string,
): Promise<Result<Outgoing[]>> {
  const raters = await store.raters()
  if (!raters.ok) return raters
  const outgoing: Outgoing[] = []
  for (const one of shown) {
    const { attempt } = one
    const exposures = attempt === null ? null : await store.exposures(attempt.raterId, key)
    if (exposures !== null && !exposures.ok) return exposures
    // Peers are numbered anew for each case, so that a style cannot be learned; their pseudonyms go to the owner alone.
    const isNamed = one.source === 'own' || rater.role === 'owner'
    const known = raters.value.find(({ raterId }) => raterId === attempt?.raterId)
    const pseudonym = known === undefined || !isNamed ? one.name : known.pseudonym
    const reader = attempt !== null && attempt.number > 1 ? `${pseudonym} ${attempt.number}` : pseudonym
    const exposure =
      attempt === null ? 'from a file or derived' : exposureWords(attempt, exposures?.value ?? [])
    outgoing.push({
      shown: one,
      reading: exchangeReading(one, reader, exposure),
      exposure,
      exposures: exposures?.value ?? [],
    })
  }
  return accept(outgoing)
}

/** "Nothing here" and "cannot judge" go out as a structure of that name without a pixel: an empty reading is data. */
export function exchangeReading(
  { structures, answer }: ShownReading,
  reader: string,
  exposure: string,
): ExchangeReading {
  const drawn = structures.filter(({ outlines }) => outlines.length > 0)
  const empty = answer.verdict === 'cannot-judge' ? 'Cannot judge' : NOTHING
  const plain = { category: null, type: null, colour: null }
  return {
    reader,
    facts: { contentDescription: `Reading, ${exposure}` },
    structures:
      drawn.length === 0
        ? [{ ordinal: 1, label: empty, ...plain, facts: {}, slices: [] }]
        : drawn.map(({ label, outlines, origin }, index) => ({
            ordinal: index + 1,
            label,
            ...plain,
            facts:
              origin === null
                ? {}
                : { description: `Started from the ${origin.kind} of ${origin.model ?? 'a peer'}` },
            slices: outlines.map(({ sliceIndex, placed }) => ({ sliceIndex, mask: placed, fraction: null })),
          })),
  }
}

/** Masks lie on the photograph as it is shown, which another program may not turn. */
function turnedWarnings(library: LibraryService, subject: Subject): readonly Warning[] {
  if (subject.kind !== 'image') return []
  const image = library.current().images.find(({ imageId }) => imageId === subject.imageId)
  const turned = image?.warnings.find(({ code }) => code === PICTURE_TURNED)
  if (turned === undefined) return []
  return [
    {
      code: PICTURE_TURNED,
      text: `${turned.text} The outlines and masks of this export lie on it as it is shown, not on its pixels as they are stored.`,
    },
  ]
}

async function filesOf(
  parts: ExchangeParts,
  {
    subject,
    format,
  }: { readonly subject: Subject; readonly format: Exclude<ExportRequest['format'], 'bundle'> },
  target: ImageTarget,
  outgoing: readonly Outgoing[],
): Promise<Result<Uint8Array>> {
  const needsSource = format === 'seg' || format === 'rtstruct'
  const marked = new Set(
    outgoing.flatMap(({ reading }) =>
      reading.structures.flatMap(({ slices }) => slices.map(({ sliceIndex }) => sliceIndex)),
    ),
  )
  const source = needsSource ? await sourceOf(parts.library, subject, target, marked) : null
  if (source !== null && !source.ok) return source
  const panels = await toldIn(parts, outgoing)
  if (!panels.ok) return panels
  return writeExport(parts.writeWorkerPath, {
    kind: 'files',
    readings: outgoing.map(({ reading }) => reading),
    how: {
      format,
      target: source?.value.target ?? target,
      source: source?.value ?? null,
      stamp: { key: keyOf(outgoing), seriesNumber: SERIES_NUMBER, softwareVersion: parts.version },
    },
    facts: outgoing.map(({ reading: { reader }, shown: { attempt, blind, answer } }) => ({
      reader,
      attempt: attempt?.number ?? null,
      blind,
      verdict: answer.verdict ?? 'outlined',
      confidence: answer.confidence,
      comment: answer.comment,
      reason: answer.reason,
    })),
    warnings: [...notBlindWarnings(outgoing), ...turnedWarnings(parts.library, subject)],
    madeAt: new Date().toISOString(),
    version: parts.version,
    exposures: exposureLog(outgoing),
    panels: panels.value,
  })
}

/** What the readers of these readings were told, by the panels that they read in: each edition with its date. */
async function toldIn({ store }: ExchangeParts, outgoing: readonly Outgoing[]): Promise<Result<unknown[]>> {
  const told: unknown[] = []
  for (const panelId of new Set(outgoing.flatMap(({ shown }) => shown.attempt?.panelId ?? []))) {
    const editions = await store.editionsOfPanel(panelId)
    if (!editions.ok) return editions
    told.push({ panelId, editions: editions.value })
  }
  return accept(told)
}

/** The same readings give the same UIDs: what was committed is named by its digest. */
const keyOf = (outgoing: readonly Outgoing[]): string =>
  outgoing.map(({ shown }) => `${shown.readingId} ${shown.attempt?.digest ?? ''}`).join(' ')

const notBlindWarnings = (outgoing: readonly Outgoing[]): readonly Warning[] =>
  outgoing
    .filter(({ shown }) => shown.attempt !== null && !shown.blind)
    .map(({ reading, exposure }) => ({ code: 'not-blind', text: `${reading.reader}: ${exposure}.` }))

const exposureLog = (outgoing: readonly Outgoing[]): unknown =>
  outgoing.map(({ reading, exposure, exposures, shown }) => ({
    reader: reading.reader,
    committedAt: shown.attempt?.committedAt ?? null,
    digest: shown.attempt?.digest ?? null,
    answer: shown.answer,
    words: exposure,
    exposures,
  }))

/** Runs of a model: those that outlines were started from, and those that a reader was shown, as the log has them. */
const runsOf = (outgoing: readonly Outgoing[]): readonly unknown[] =>
  outgoing.flatMap(({ reading: { reader }, shown, exposures }) => [
    ...shown.structures.flatMap(({ origin }) => (origin === null ? [] : [{ reader, startedFrom: origin }])),
    ...exposures
      .filter(({ kind }) => kind === 'model')
      .map(({ at, detail }) => ({ reader, at, shown: detail })),
  ])

/** Beyond these each with each is a table of thousands of rows and minutes of work. */
const MOST_READINGS_IN_PAIRS = 12

/**
 * Each reading with each that comes after it, the own one first; of many readings the own one alone with the others.
 * Later attempts of the own reader stay out, as on the page.
 */
async function allPairs(
  parts: ExchangeParts,
  subject: Subject,
  detail: FoundSubject['detail'],
  shown: readonly ShownReading[],
): Promise<Result<readonly ReadingPair[]>> {
  const own = shown.find(({ source }) => source === 'own')
  const others = shown.filter(({ source }) => source !== 'own')
  const inOrder = own === undefined ? others : [own, ...others]
  const firsts =
    inOrder.length > MOST_READINGS_IN_PAIRS ? inOrder.slice(0, own === undefined ? 0 : 1) : inOrder
  const pairs: ReadingPair[] = []
  for (const [at, one] of firsts.entries()) {
    const rest = inOrder.slice(at + 1).map((other) => ({ ...other, source: 'imported' as const }))
    if (rest.length === 0) break
    const compared = await compareAway(
      parts.readingsWorkerPath,
      subject,
      detail,
      [{ ...one, source: 'own' }, ...rest],
      { lesionId: null, consensus: null },
    )
    if (!compared.ok) return compared
    pairs.push(
      ...compared.value.pairs.map(({ readingId, ...figures }) => ({
        first: one.readingId,
        second: readingId,
        figures,
      })),
    )
  }
  return accept(pairs)
}

interface ReadingPair {
  readonly first: string
  readonly second: string
  readonly figures: Readonly<Record<string, Figure>>
}

/** Of what a photograph shows: a tree of vessels has no volume and no diameter. */
const OF_SLICES_ALONE: ReadonlySet<string> = new Set(['volumeDifference', 'equivalentDiameterDifference'])

async function bundleOf(
  parts: ExchangeParts,
  { subject }: ExportRequest,
  { detail }: FoundSubject,
  target: ImageTarget,
  outgoing: readonly Outgoing[],
): Promise<Result<Uint8Array>> {
  const pairs = await allPairs(
    parts,
    subject,
    detail,
    outgoing.map(({ shown }) => shown),
  )
  if (!pairs.ok) return pairs
  const nameOf = (readingId: string): string =>
    outgoing.find(({ shown }) => shown.readingId === readingId)?.reading.reader ?? readingId
  const metrics: MetricRow[] = pairs.value.flatMap(({ first, second, figures }) =>
    Object.entries(figures)
      .filter(([measure]) => detail !== null || !OF_SLICES_ALONE.has(measure))
      .map(([measure, figure]) => ({
        own: nameOf(first),
        other: nameOf(second),
        measure,
        value: figure.value,
        low95: figure.low95,
        high95: figure.high95,
        n: figure.n,
        unit: figure.unit,
        without: figure.without,
      })),
  )
  return writeExport(parts.writeWorkerPath, {
    kind: 'bundle',
    evidence: {
      readme: RESEARCH,
      target,
      readings: outgoing.map(({ reading }) => reading),
      metrics,
      runs: runsOf(outgoing),
      log: [exposureLog(outgoing)].flat(),
    },
  })
}
