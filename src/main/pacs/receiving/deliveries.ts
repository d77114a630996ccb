import { join } from 'node:path'
import type { Delivery, Refusal } from '../../../contract'
import type { LibraryService } from '../../library/library-service'
import type { ArchiveFolder } from '../archive-folder'

/** What came, by sender and study, and its way into the library. */
export interface Deliveries {
  readonly kept: (object: KeptObject) => void
  /** Every association is over: what came is opened at once. */
  readonly quiet: () => void
  /** Newest first. */
  readonly list: () => readonly Delivery[]
  readonly close: () => Promise<void>
}

export interface KeptObject {
  readonly from: string
  readonly studyUid: string
  readonly seriesUid: string
  readonly isNew: boolean
}

export interface DeliveriesGround {
  readonly folder: ArchiveFolder
  readonly library: Pick<LibraryService, 'addRoot' | 'scan'>
  readonly nowMs: () => number
}

const QUIET_MS = 1_000
/** Objects of one sender and study that come this soon after one another are one delivery. */
const SAME_DELIVERY_MS = 60_000
const MOST_TOLD = 20

interface Growing {
  readonly number: number
  readonly from: string
  readonly studyUid: string
  readonly series: Set<string>
  objects: number
  hereBefore: number
  atMs: number
  isOpen: boolean
  refusal: Refusal | null
}

export function openDeliveries(ground: DeliveriesGround): Deliveries {
  const told = createTold(ground.nowMs)
  const stop = new AbortController()
  let opening = Promise.resolve()
  let waiting: NodeJS.Timeout | null = null
  const wait = (): void => {
    if (waiting !== null) clearTimeout(waiting)
    waiting = null
  }
  const openAll = (): void => {
    wait()
    opening = opening.then(() => openWhatCame(told.all(), ground, stop.signal))
  }
  return {
    kept: (object) => {
      told.count(object)
      wait()
      waiting = setTimeout(openAll, QUIET_MS)
    },
    quiet: () => {
      if (waiting !== null) openAll()
    },
    list: () =>
      told.all().map(({ studyUid: _studyUid, series, atMs, ...delivery }) => ({
        ...delivery,
        series: series.size,
        at: new Date(atMs).toISOString(),
      })),
    close: async () => {
      wait()
      stop.abort()
      await opening
    },
  }
}

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
      ...{ number: count, from, studyUid, series: new Set<string>(), objects: 0, hereBefore: 0 },
      ...{ atMs: nowMs(), isOpen: false, refusal: null },
    }
    told = [begun, ...told].slice(0, MOST_TOLD)
    return begun
  }
  return {
    all: () => told,
    count: (object) => {
      const delivery = current(object)
      delivery.series.add(object.seriesUid)
      delivery.objects += object.isNew ? 1 : 0
      delivery.hereBefore += object.isNew ? 0 : 1
      delivery.atMs = nowMs()
      delivery.isOpen = false
      delivery.refusal = null
    },
  }
}

/** Opens every study of which something came that is not open, whole as it lies there. */
async function openWhatCame(
  told: readonly Growing[],
  { folder, library }: DeliveriesGround,
  signal: AbortSignal,
): Promise<void> {
  const toOpen = told.filter(({ isOpen, refusal }) => !isOpen && refusal === null)
  for (const studyUid of new Set(toOpen.map((delivery) => delivery.studyUid))) {
    const ofStudy = toOpen.filter((delivery) => delivery.studyUid === studyUid)
    const before = ofStudy.map(({ objects, hereBefore }) => objects + hereBefore)
    const root = await library.addRoot(join(folder.received, studyUid))
    const result = root.ok ? await library.scan([root.value], () => undefined, signal) : root
    for (const [at, delivery] of ofStudy.entries()) {
      // What came while it was opened is opened next.
      delivery.isOpen = result.ok && delivery.objects + delivery.hereBefore === before[at]
      delivery.refusal = result.ok ? null : result.refusal
    }
  }
}
