import { join } from 'node:path'
import { accept } from '../../../contract'
import type { Delivery, Refusal, ReceiverStatus, Result } from '../../../contract'
import { seriesSubject } from '../../../core/subject/subject'
import type { LibraryService } from '../../library/library-service'
import type { ArchiveFolder } from '../archive-folder'
import type { EndedAssociation } from './association'
import type { Kept } from './received-objects'
import { receivedBefore } from './received-before'
import type { StudyBefore } from './received-before'

/** What came, by sender and study, and its way into the library. */
export interface Deliveries {
  readonly kept: (object: KeptObject) => void
  /** An association is over: what its sender broke off is told until it comes in one that ends well. */
  readonly ended: (ended: EndedAssociation) => void
  /** Every association is over: what came is opened at once. */
  readonly quiet: () => void
  /** Opens what came before the program started, once; what comes meanwhile goes between. */
  readonly openEarlier: () => void
  readonly earlier: () => ReceiverStatus['earlier']
  /** Newest first. */
  readonly list: () => readonly Delivery[]
  readonly close: () => Promise<void>
}

export type KeptObject = Kept & { readonly from: string }

/** What is asked of the library that what comes is opened in. */
export type ReceivedLibrary = Pick<LibraryService, 'addRoot' | 'scan' | 'filesOf'>

export interface DeliveriesGround {
  readonly folder: ArchiveFolder
  readonly library: ReceivedLibrary
  readonly nowMs: () => number
}

const QUIET_MS = 1_000
/** Objects of one sender and study that come this soon after one another are one delivery. */
const SAME_DELIVERY_MS = 60_000
const MOST_TOLD = 20
/** So many objects that were here before are opened before what came meanwhile has its turn. */
const EARLIER_AT_ONCE = 2_000

interface Growing {
  readonly number: number
  readonly from: string
  readonly studyUid: string
  readonly series: Set<string>
  /** Series whose sender broke off, and when (milliseconds since the epoch). */
  readonly brokeOff: Map<string, number>
  /** Objects that came since it was opened last. */
  waiting: Kept[]
  objects: number
  hereBefore: number
  atMs: number
  isOpen: boolean
  refusal: Refusal | null
}

export function openDeliveries(ground: DeliveriesGround): Deliveries {
  const told = createTold(ground.nowMs)
  const stop = new AbortController()
  const opener = createOpener(ground, stop.signal)
  let opening = Promise.resolve()
  let waiting: NodeJS.Timeout | null = null
  const wait = (): void => {
    if (waiting !== null) clearTimeout(waiting)
    waiting = null
  }
  const openAll = (): void => {
    wait()
    opening = opening.then(() => openWhatCame(told.all(), opener))
  }
  const earlier = openEarlier(ground, opener, (work) => {
    opening = opening.then(work)
  })
  return {
    kept: (object) => {
      told.count(object)
      wait()
      waiting = setTimeout(openAll, QUIET_MS)
    },
    ended: (ended) => {
      for (const one of ended.series) noteEnd(told.all(), one, ended)
    },
    quiet: () => {
      if (waiting !== null) openAll()
    },
    openEarlier: earlier.begin,
    earlier: earlier.told,
    list: () =>
      told
        .all()
        .slice(0, MOST_TOLD)
        .map(({ waiting: _waiting, series, brokeOff, atMs, ...delivery }) => ({
          ...delivery,
          seriesUids: [...series],
          brokeOff: brokeOff.size > 0,
          at: new Date(atMs).toISOString(),
        })),
    close: async () => {
      wait()
      stop.abort()
      await opening
    },
  }
}

/** Another association that was open while one broke off had its own images to send: its end says nothing of the rest. */
function noteEnd(
  told: readonly Growing[],
  { studyUid, seriesUid }: EndedAssociation['series'][number],
  { isWhole, beganMs, endedMs }: EndedAssociation,
): void {
  const ofSeries = told.filter((one) => one.studyUid === studyUid && one.series.has(seriesUid))
  if (!isWhole) ofSeries[0]?.brokeOff.set(seriesUid, endedMs)
  else
    for (const { brokeOff } of ofSeries)
      if ((brokeOff.get(seriesUid) ?? 0) <= beganMs) brokeOff.delete(seriesUid)
}

const isWaiting = ({ isOpen, refusal }: Growing): boolean => !isOpen && refusal === null

/** Deliveries as they grow, newest first. */
function createTold(nowMs: () => number): {
  readonly all: () => readonly Growing[]
  readonly count: (object: KeptObject) => void
} {
  let told: readonly Growing[] = []
  let count = 0
  const current = ({ from, studyUid }: KeptObject): Growing => {
    const last = told.find((delivery) => delivery.from === from && delivery.studyUid === studyUid)
    if (last !== undefined && nowMs() - last.atMs < SAME_DELIVERY_MS) return last
    count += 1
    const begun = {
      ...{ number: count, from, studyUid, series: new Set<string>(), brokeOff: new Map<string, number>() },
      ...{ waiting: [], objects: 0, hereBefore: 0 },
      ...{ atMs: nowMs(), isOpen: false, refusal: null },
    }
    // What is not open yet stays, however many come at once.
    told = [begun, ...told].filter((delivery, at) => at < MOST_TOLD || isWaiting(delivery))
    return begun
  }
  return {
    all: () => told,
    count: (object) => {
      const delivery = current(object)
      delivery.series.add(object.seriesUid)
      delivery.waiting.push(object)
      delivery.objects += object.isNew ? 1 : 0
      delivery.hereBefore += object.isNew ? 0 : 1
      delivery.atMs = nowMs()
      delivery.isOpen = false
      delivery.refusal = null
    },
  }
}

interface Opener {
  /** Opens whole studies as they lie there. */
  readonly studies: (
    studyUids: readonly string[],
    onRead?: (filesRead: number) => void,
  ) => Promise<Result<null>>
  /** Opens these objects of a study; where it was opened before, those alone that are not open, unless one of them was replaced. */
  readonly objects: (studyUid: string, came: readonly Kept[]) => Promise<Result<null>>
  readonly isOpen: (studyUid: string) => boolean
}

function createOpener({ folder, library }: DeliveriesGround, signal: AbortSignal): Opener {
  const open = new Set<string>()
  const scan = async (
    paths: readonly string[],
    onRead: (filesRead: number) => void = () => undefined,
  ): Promise<Result<null>> => {
    if (paths.length === 0) return accept(null)
    const result = await library.scan(
      paths,
      ({ filesRead }) => {
        onRead(filesRead)
      },
      signal,
    )
    return result.ok ? accept(null) : result
  }
  const studies: Opener['studies'] = async (studyUids, onRead) => {
    const roots: string[] = []
    let refused: Result<null> = accept(null)
    for (const studyUid of studyUids) {
      const root = await library.addRoot(join(folder.received, studyUid))
      if (root.ok) roots.push(root.value)
      else refused = root
    }
    const result = await scan(roots, onRead)
    if (result.ok) for (const studyUid of studyUids) open.add(studyUid)
    return result.ok ? refused : result
  }
  return {
    studies,
    objects: async (studyUid, came) => {
      if (!open.has(studyUid)) return studies([studyUid])
      const root = await library.addRoot(join(folder.received, studyUid))
      if (!root.ok) return root
      const series = new Set(came.map(({ seriesUid }) => seriesUid))
      const here = new Set([...series].flatMap((seriesUid) => library.filesOf(seriesSubject(seriesUid))))
      const fileOf = ({ seriesUid, sopInstanceUid }: Kept): string =>
        join(root.value, seriesUid, `${sopInstanceUid}.dcm`)
      // What came anew under a name that is open: its owner removed the old file, and perhaps others that do not come again.
      if (came.some((object) => object.isNew && here.has(fileOf(object)))) return studies([studyUid])
      return scan([...new Set(came.map(fileOf))].filter((file) => !here.has(file)))
    },
    isOpen: (studyUid) => open.has(studyUid),
  }
}

/** Opens what came and is not open. What comes while it is opened is opened next. */
async function openWhatCame(told: readonly Growing[], opener: Opener): Promise<void> {
  const toOpen = told.filter(isWaiting)
  for (const studyUid of new Set(toOpen.map((delivery) => delivery.studyUid))) {
    const ofStudy = toOpen.filter((delivery) => delivery.studyUid === studyUid)
    const came = ofStudy.flatMap(({ waiting }) => waiting)
    for (const delivery of ofStudy) delivery.waiting = []
    const result = await opener.objects(studyUid, came)
    for (const delivery of ofStudy) {
      delivery.isOpen = result.ok && delivery.waiting.length === 0
      delivery.refusal = result.ok ? null : result.refusal
    }
  }
}

/** What came before the program started, newest first, some at a time. `queue`: does work when what is being opened is open. */
function openEarlier(
  { folder }: DeliveriesGround,
  opener: Opener,
  queue: (work: () => Promise<void>) => void,
): { readonly begin: () => void; readonly told: Deliveries['earlier'] } {
  const now = { isOpening: false, objectsRead: 0, objectsTotal: 0, studiesLeft: 0 }
  let hasBegun = false
  const next = async (studies: readonly StudyBefore[]): Promise<void> => {
    const batch: StudyBefore[] = []
    let objects = 0
    for (const study of studies) {
      if (objects >= EARLIER_AT_ONCE) break
      batch.push(study)
      objects += study.objects
    }
    const before = now.objectsRead
    const closed = batch.map(({ studyUid }) => studyUid).filter((studyUid) => !opener.isOpen(studyUid))
    // What cannot be read is told among the files that were not; an end of the program ends this too.
    await opener.studies(closed, (read) => {
      now.objectsRead = Math.min(before + read, before + objects)
    })
    now.objectsRead = before + objects
    const rest = studies.slice(batch.length)
    now.isOpening = rest.length > 0
    if (now.isOpening) queue(() => next(rest))
  }
  return {
    begin: () => {
      if (hasBegun) return
      hasBegun = true
      queue(async () => {
        const { studies, studiesLeft } = await receivedBefore(folder)
        now.objectsTotal = studies.reduce((sum, { objects }) => sum + objects, 0)
        now.studiesLeft = studiesLeft
        now.isOpening = studies.length > 0
        if (now.isOpening) queue(() => next(studies))
      })
    },
    told: () => ({ ...now }),
  }
}
