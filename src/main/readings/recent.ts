/** What a rater had open, and how it was left: their own, in the workspace, and nothing of a case of a panel. */
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { accept, refuse } from '../../contract'
import type {
  LeftOff,
  NewRecent,
  Rater,
  RecentCase,
  RecentList,
  RecentNoted,
  Result,
  ScanResult,
  Subject,
  Withheld,
} from '../../contract'
import { imageSubject } from '../../core/subject/subject'
import { readSeriesKey } from '../../core/dicom/series-key'
import { eyeOf, imageSize, kindOfSeries, slicesTimesStep, subjectOfSeries } from '../../core/words/case-words'
import { formatDicomDate } from '../../core/words/numbers'
import type { LibraryService } from '../library/library-service'
import { systemPath } from '../library/raw-path'
import type { KeptRecent, RecentFolder } from '../workspace/recent-folder'
import type { Disclosure } from './disclosure'
import type { Subjects } from './subjects'

export interface Recent {
  readonly list: (rater: Rater) => Promise<Result<RecentList>>
  /** Puts a case that is open first; never refused for what is not kept. */
  readonly note: (rater: Rater, one: NewRecent) => Promise<Result<RecentNoted>>
  /** Opens what a case was opened from to scans again; gives it. */
  readonly open: (rater: Rater, recentId: string) => Promise<Result<string>>
  /** PNG of a case as it was left, without outlines; refused where the list would not show the case. */
  readonly picture: (rater: Rater, recentId: string) => Promise<Result<Uint8Array>>
  /** One of them, or all. */
  readonly forget: (rater: Rater, recentId: string | null) => Promise<Result<RecentList>>
}

export interface RecentParts {
  readonly subjects: Pick<Subjects, 'keyOf' | 'subjectOf'>
  readonly disclosure: Pick<Disclosure, 'withheld' | 'withheldOfAll'>
  readonly library: Pick<LibraryService, 'current' | 'openedPath' | 'addRoot' | 'thumbnail'>
  /** Null: nothing is kept (tests). */
  readonly folder: RecentFolder | null
  readonly isBuiltIn: (subject: Subject) => boolean
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

/** A week of full days; more is found by its folder. */
const MOST_CASES = 30
/** A disk that is away must not hold up the list. */
const LOOK_MS = 1_000
/** A picture of 256 px has a tenth of it; thirty of a rater are bounded. */
const MOST_PICTURE_BYTES = 262_144
const NOTHING_LEFT: LeftOff = { look: null, planes: null, places: null }

type Described = Pick<KeptRecent, 'title' | 'kind' | 'note' | 'slices'>

/** What a case is called in the list; null: it is not open. */
function described({ series, images }: ScanResult, subject: Subject): Described | null {
  if (subject.kind === 'series') {
    const summary = series.find(({ seriesUid }) => seriesUid === subject.seriesUid)
    if (summary === undefined) return null
    const note = [formatDicomDate(summary.studyDate), summary.description].filter((part) => part !== '')
    return {
      title: subjectOfSeries(summary),
      kind: `${kindOfSeries(summary)}, ${slicesTimesStep(summary)}`,
      note: note.join(', '),
      slices: summary.slices,
    }
  }
  const image = images.find(({ imageId }) => imageId === subject.imageId)
  if (image === undefined) return null
  return { title: image.name, kind: `Photograph, ${eyeOf(image)}`, note: imageSize(image), slices: 1 }
}

/** Whether something lies at a path, or is not known to be away. */
async function isThere(path: string): Promise<boolean> {
  const looked = stat(systemPath(path)).then(
    () => true,
    (error: unknown) => !(error instanceof Error && 'code' in error && error.code === 'ENOENT'),
  )
  let timer: NodeJS.Timeout | undefined
  const waited = new Promise<boolean>((given) => {
    timer = setTimeout(given, LOOK_MS, true)
  })
  const answer = await Promise.race([looked, waited])
  clearTimeout(timer)
  return answer
}

/** The cases of each rater. */
interface Book {
  readonly read: (rater: Rater) => Promise<readonly KeptRecent[]>
  readonly change: (
    rater: Rater,
    of: (cases: readonly KeptRecent[]) => readonly KeptRecent[],
  ) => Promise<Result<null>>
}

function bookIn(folder: RecentFolder | null): Book {
  /** The last write of each rater: two windows of one person write one after the other. */
  const writing = new Map<string, Promise<unknown>>()
  const read: Book['read'] = ({ raterId }) => folder?.read(raterId) ?? Promise.resolve([])
  return {
    read,
    change: (rater, of) => {
      const work = async (): Promise<Result<null>> => {
        try {
          await folder?.write(rater.raterId, of(await read(rater)))
          return accept(null)
        } catch (error) {
          const why = error instanceof Error ? error.message : String(error)
          return refuse('workspace-failed', `What was open last cannot be kept: ${why}`, {
            next: 'Check the disk of the workspace. Readings and measurements are kept apart from it.',
          })
        }
      }
      const next = (writing.get(rater.raterId) ?? Promise.resolve()).then(work, work)
      writing.set(rater.raterId, next)
      return next
    },
  }
}

/** Another study's series may have its UID now. Cases of earlier versions are known by the UID and their title. */
async function seriesOpenAs(
  { library, subjects }: Pick<RecentParts, 'library' | 'subjects'>,
  { key, title }: Pick<KeptRecent, 'key' | 'title'>,
): Promise<Subject | null> {
  const subject = await subjects.subjectOf(key)
  const now = subject === null ? null : described(library.current(), subject)
  const found = subject === null || now === null ? null : await subjects.keyOf(subject)
  const isOfUidAlone = readSeriesKey(key)?.marks === null && now?.title === title
  return found?.ok === true && (found.value === key || isOfUidAlone) ? subject : null
}

/** What is open now under its name: a photograph that was given again has another id and the same pixels. */
async function openAs(
  { library, subjects }: RecentParts,
  { key, subject, title, path }: KeptRecent,
): Promise<Subject | null> {
  const now = library.current()
  if (subject.kind === 'series') return seriesOpenAs({ library, subjects }, { key, title })
  if (described(now, subject) !== null) return subject
  if (path !== null) return null
  for (const { imageId, name } of now.images) {
    if (name !== title) continue
    const found = await subjects.keyOf(imageSubject(imageId))
    if (found.ok && found.value === key) return imageSubject(imageId)
  }
  return null
}

async function shown(
  parts: RecentParts,
  rater: Rater,
  kept: KeptRecent,
  isWithheld: boolean,
): Promise<RecentCase> {
  const subject = await openAs(parts, kept)
  const { recentId, title, kind, note, at, sliceNumber, path, slices } = kept
  const now = subject === null ? null : described(parts.library.current(), subject)
  const isChanged = now !== null && now.slices !== slices
  // A place is where a model drew: no part of what is read blind.
  const left = isWithheld ? { ...kept.left, places: null } : kept.left
  const awayState = path === null ? 'given' : (await isThere(path)) ? 'closed' : 'gone'
  return {
    ...{ recentId, title, kind, note, at, sliceNumber, isChanged, hasPicture: kept.hasPicture },
    subject: subject ?? kept.subject,
    state: subject === null ? awayState : 'open',
    path: rater.role === 'owner' ? path : null,
    left: isChanged ? NOTHING_LEFT : left,
  }
}

async function listOf(parts: RecentParts, book: Book, rater: Rater): Promise<Result<RecentList>> {
  const kept = await book.read(rater)
  if (kept.length === 0) return accept({ cases: [] })
  const decided = await parts.disclosure.withheldOfAll(rater)
  if (!decided.ok) return decided
  const cases = kept.map(async (one): Promise<readonly RecentCase[]> => {
    const withheld = decided.value(one.key)
    return isOfPanel(withheld) ? [] : [await shown(parts, rater, one, withheld !== null)]
  })
  return accept({ cases: (await Promise.all(cases)).flat() })
}

async function noteIn(
  parts: RecentParts,
  book: Book,
  rater: Rater,
  { subject, sliceNumber, shown: onScreen, left }: NewRecent,
): Promise<Result<RecentNoted>> {
  const { library, subjects, disclosure, folder, isBuiltIn, clock } = parts
  const words = described(library.current(), subject)
  if (folder === null || words === null || isBuiltIn(subject)) return accept({ kept: false })
  const key = await subjects.keyOf(subject)
  if (!key.ok) return key
  const withheld = await disclosure.withheld(rater, key.value)
  if (!withheld.ok) return withheld
  // A case of a panel has a number and no name, and a repeat that opened where it was left would be known again.
  if (isOfPanel(withheld.value)) return accept({ kept: false })
  const recentId = idOf(key.value)
  const hasPicture = await pictured(parts, rater, recentId, subject, onScreen)
  const fresh: KeptRecent = {
    ...{ ...words, recentId, key: key.value, subject, sliceNumber, left, hasPicture },
    ...{ at: new Date(clock()).toISOString(), path: library.openedPath(subject) },
  }
  const done = await book.change(rater, (cases) =>
    [fresh, ...cases.filter(({ recentId }) => recentId !== fresh.recentId)].slice(0, MOST_CASES),
  )
  return done.ok ? accept({ kept: true }) : done
}

/** Keeps a small picture of what is on the screen; false: there is none, which is no reason not to keep the case. */
async function pictured(
  { library, folder }: RecentParts,
  { raterId }: Rater,
  recentId: string,
  subject: Subject,
  onScreen: NewRecent['shown'],
): Promise<boolean> {
  const png = await library.thumbnail(subject, onScreen)
  if (!png.ok || png.value.byteLength > MOST_PICTURE_BYTES) return false
  try {
    await folder?.writePicture(raterId, recentId, png.value)
    return true
  } catch {
    return false
  }
}

const noPicture = (): Result<never> => refuse('not-found', 'There is no picture of it.')

async function pictureOf(
  { disclosure, folder }: RecentParts,
  book: Book,
  rater: Rater,
  recentId: string,
): Promise<Result<Uint8Array>> {
  const kept = (await book.read(rater)).find((one) => one.recentId === recentId)
  if (kept?.hasPicture !== true) return noPicture()
  const withheld = await disclosure.withheld(rater, kept.key)
  if (!withheld.ok) return withheld
  const png = isOfPanel(withheld.value) ? null : ((await folder?.picture(rater.raterId, recentId)) ?? null)
  return png === null ? noPicture() : accept(png)
}

export function createRecent(parts: RecentParts): Recent {
  const book = bookIn(parts.folder)
  return {
    list: (rater) => listOf(parts, book, rater),
    note: (rater, one) => noteIn(parts, book, rater, one),
    open: async (rater, recentId) => {
      const kept = (await book.read(rater)).find((one) => one.recentId === recentId)
      if (kept === undefined) return refuse('not-found', 'This case is not among those that were open last.')
      if (kept.path === null)
        return refuse('not-found', 'Its files came from a browser, and were not kept.', {
          next: 'Give its files again: open its folder or its files.',
        })
      return parts.library.addRoot(kept.path)
    },
    picture: (rater, recentId) => pictureOf(parts, book, rater, recentId),
    forget: async (rater, recentId) => {
      const done = await book.change(rater, (cases) =>
        recentId === null ? [] : cases.filter((one) => one.recentId !== recentId),
      )
      return done.ok ? listOf(parts, book, rater) : done
    },
  }
}

const isOfPanel = (withheld: Withheld | null): boolean => (withheld?.panelId ?? null) !== null

const idOf = (key: string): string => createHash('sha256').update(key).digest('hex').slice(0, 16)
