import { accept, refuse } from '../../contract'
import type { Result, ScanResult, SeriesSummary } from '../../contract'
import { unsharedUid } from '../../core/dicom/made-up-uid'
import { identityOf, plainKey, readSeriesKey, seriesKey, sharedUidOfKey } from '../../core/dicom/series-key'
import type { LibraryService } from '../library/library-service'
import type { StoreCalls } from '../workspace/store-calls'
import type { SubjectKey } from '../workspace/store'

type OpenSeries = Pick<LibraryService, 'current' | 'seriesDetail'>
type KeptWork = Pick<StoreCalls, 'subjectsKept' | 'firstInstancesOf'>

/** Under which names work on series is kept, and what is open under such a name. */
export interface SeriesKeys {
  /**
   * Of a series by the UID that the library has it under. Work of earlier versions knows its series by the UID alone: it
   * stays with the series whose slices it was made on. Refused with `annotation-mismatch` where the open series is not
   * that one, or need not be, and with `not-found` what is neither open nor known.
   */
  readonly keyOf: (seriesUid: string) => Promise<Result<SubjectKey>>
  /** The UID that the library has, or would have, the series of a key under; null: the key is none of a series. */
  readonly uidOf: (key: SubjectKey) => Promise<string | null>
}

/** What is open at one scan, and what the workspace held then. */
interface Ground {
  readonly result: ScanResult
  readonly byPlainUid: ReadonlyMap<string, readonly SeriesSummary[]>
  readonly keys: Map<string, Promise<Result<SubjectKey>>>
  readonly kept: () => Promise<Result<ReadonlySet<SubjectKey>>>
}

export function createSeriesKeys(library: OpenSeries, store: KeptWork): SeriesKeys {
  /** By the UID in the library, as it was open last: a page may ask for what was open when it loaded. */
  const before = new Map<string, SubjectKey>()
  let last: Ground | null = null
  const ground = (): Ground => {
    const result = library.current()
    if (last?.result !== result) last = groundOf(result, store)
    return last
  }
  const keyOf = async (seriesUid: string): Promise<Result<SubjectKey>> => {
    const here = ground()
    const open = (here.byPlainUid.get(unsharedUid(seriesUid)) ?? []).find(
      (one) => one.seriesUid === seriesUid,
    )
    if (open === undefined) return keyOfClosed(here, before, seriesUid)
    const asked = here.keys.get(seriesUid) ?? keyOfOpen(library, store, here, open)
    here.keys.set(seriesUid, asked)
    const key = await asked
    if (key.ok) before.set(seriesUid, key.value)
    else here.keys.delete(seriesUid)
    return key
  }
  return {
    keyOf,
    uidOf: async (key) => {
      const named = readSeriesKey(key)
      if (named === null) return null
      const here = ground()
      const open = here.byPlainUid.get(unsharedUid(named.uid)) ?? []
      for (const { seriesUid } of open) {
        const found = await keyOf(seriesUid)
        if (found.ok && found.value === key) return seriesUid
      }
      return open.some(({ seriesUid }) => seriesUid === named.uid) ? sharedUidOfKey(key) : named.uid
    },
  }
}

function groundOf(result: ScanResult, store: KeptWork): Ground {
  const byPlainUid = new Map<string, SeriesSummary[]>()
  for (const summary of result.series) {
    const plain = unsharedUid(summary.seriesUid)
    const same = byPlainUid.get(plain)
    if (same === undefined) byPlainUid.set(plain, [summary])
    else same.push(summary)
  }
  let asked: ReturnType<Ground['kept']> | null = null
  const kept: Ground['kept'] = async () => {
    asked ??= store
      .subjectsKept()
      .then((answer) => (answer.ok ? accept<ReadonlySet<SubjectKey>>(new Set(answer.value)) : answer))
    const answer = await asked
    // The store may answer the next time.
    if (!answer.ok) asked = null
    return answer
  }
  return { result, byPlainUid, keys: new Map(), kept }
}

/** What is not open has no study to be known by: as it was open last, or the only one that anything is kept of. */
async function keyOfClosed(
  { kept }: Ground,
  before: ReadonlyMap<string, SubjectKey>,
  seriesUid: string,
): Promise<Result<SubjectKey>> {
  const known = before.get(seriesUid)
  if (known !== undefined) return accept(known)
  const all = await kept()
  if (!all.ok) return all
  const named = [...all.value].filter((key) => readSeriesKey(key)?.uid === seriesUid)
  const [only] = named
  if (only !== undefined && named.length === 1) return accept(only)
  return refuse('not-found', `No series ${seriesUid} is open.`, {
    next: 'Open the folder that holds the series; its readings are kept.',
  })
}

async function keyOfOpen(
  library: OpenSeries,
  store: KeptWork,
  { kept, byPlainUid }: Ground,
  summary: SeriesSummary,
): Promise<Result<SubjectKey>> {
  const identity = identityOf(summary)
  const own = seriesKey(identity)
  const all = await kept()
  if (!all.ok) return all
  if (all.value.has(own)) return accept(own)
  const others = (byPlainUid.get(identity.uid) ?? []).filter(
    ({ seriesUid }) => seriesUid !== summary.seriesUid,
  )
  const holds = ({ seriesUid }: SeriesSummary, instances: readonly string[]): boolean => {
    const detail = library.seriesDetail(seriesUid)
    return detail.ok && detail.value.slices.some(({ sopInstanceUid }) => instances.includes(sopInstanceUid))
  }
  for (const old of oldKeys(all.value, identity.uid)) {
    const made = await store.firstInstancesOf(old)
    if (!made.ok) return made
    if (made.value.length === 0 && others.length === 0) return accept(old)
    if (made.value.length === 0) return mayBeOthers()
    if (holds(summary, made.value)) return accept(old)
    if (!others.some((one) => holds(one, made.value))) return madeOnOthers()
  }
  for (const key of all.value) {
    const named = readSeriesKey(key)
    const isSameStudy = named?.uid === identity.uid && named.marks?.studyMark === identity.studyMark
    if (isSameStudy && key !== own) return ofAnotherPatient()
  }
  return accept(own)
}

/** Names of earlier versions: the UID alone, or with a number where another study had it. */
const oldKeys = (kept: ReadonlySet<SubjectKey>, uid: string): readonly SubjectKey[] =>
  [...kept]
    .filter((key) => {
      const named = readSeriesKey(key)
      return named?.marks === null && (key === plainKey(uid) || unsharedUid(named.uid) === uid)
    })
    .sort()

const mayBeOthers = (): Result<never> =>
  refuse(
    'annotation-mismatch',
    'This workspace knows a series by this UID alone, as earlier versions did, and two studies with it are open.',
    { next: 'Open the study alone that was read here. Nothing that is kept was changed or lost.' },
  )

const madeOnOthers = (): Result<never> =>
  refuse('annotation-mismatch', 'This workspace knows other images under the UID of this series.', {
    next: 'Open the series with all its slices, or read this one in another workspace.',
  })

const ofAnotherPatient = (): Result<never> =>
  refuse('annotation-mismatch', 'This workspace knows this series as another patient’s.', {
    next: 'Make sure whose images these are: open the files that name the right patient, or read these in another workspace.',
  })
