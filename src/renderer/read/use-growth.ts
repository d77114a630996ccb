import { computed, type ComputedRef, type Ref, shallowReactive, shallowRef, watch } from 'vue'
import {
  type ClickedPlace,
  LesionGrowth,
  type LesionRequest,
  PlaceJournal,
  type Result,
  type SeriesDetail,
  type SeriesSummary,
  type Subject,
} from '../../contract'
import { countedStack, sliceNumber } from '../../core/geometry/slice-number'
import { datesApart, whyNotCompared } from '../../core/lesion/comparable'
import { nameOfPlace, placeSteps } from '../../core/subject/clicked-places'
import { isOnePatient } from '../../core/subject/study-list'
import { seriesSubject } from '../../core/subject/subject'
import { formatDicomDate, formatPlural } from '../../core/words/numbers'
import { placeFigures } from '../../core/words/place-figures'
import { priorWords } from '../../core/words/study-words'
import { useLibrary } from '../library/library'
import { usePictures } from '../picture/pictures'
import { type KeptLesion, useKeptRuns } from '../run/kept-runs'
import type { LesionSnapshot } from '../run/lesion/lesion-snapshot'
import { getJson, postJson } from '../wire/http'
import { queryOfSubject } from '../wire/subject-query'

/** A lesion at another date that the one here may be compared with. */
export interface GrowthOffer {
  readonly key: string
  readonly request: LesionRequest
  /** `Place 1, slice 43`. */
  readonly label: string
  readonly figures: readonly string[]
  /** Why it is not compared; null: it is. */
  readonly lockedBecause: string | null
}

/** Another scan of the patient. */
export interface GrowthDate {
  readonly seriesUid: string
  /** `1999-02-01`; empty where the files state none. */
  readonly date: string
  /** `prior, 11 months before · 41 slices`. */
  readonly words: string
  /** Why nothing of it is compared; null: something may be. */
  readonly lockedBecause: string | null
  readonly offers: readonly GrowthOffer[]
}

export interface GrowthHere {
  /** Null: the lesion here may be compared. */
  readonly lockedBecause: ComputedRef<string | null>
  readonly dates: ComputedRef<readonly GrowthDate[]>
  /** Of the lesion that is shown; null: nothing was compared. */
  readonly answer: Readonly<Ref<Result<LesionGrowth> | null>>
  /** The lesion that is being compared. */
  readonly asked: Readonly<Ref<string | null>>
  readonly compare: (offer: GrowthOffer) => Promise<void>
}

/** What is known of another scan, to name what was followed in it. */
interface Other {
  readonly detail: SeriesDetail | null
  readonly places: readonly ClickedPlace[]
}

/** Growth of the lesion that is shown, against the same patient's scans of other dates. Which lesion is the same the person says. */
export function useGrowth(subject: Subject, lesion: ComputedRef<LesionSnapshot | null>): GrowthHere {
  const library = useLibrary()
  const kept = useKeptRuns()
  const others = useOthers()
  const answer = shallowRef<Result<LesionGrowth> | null>(null)
  const asked = shallowRef<string | null>(null)
  const own = computed(() =>
    subject.kind === 'series'
      ? (library.result?.series.find(({ seriesUid }) => seriesUid === subject.seriesUid) ?? null)
      : null,
  )
  const scans = computed(() =>
    own.value === null ? [] : otherScans(library.result?.series ?? [], own.value),
  )
  const report = computed(() => (lesion.value?.phase === 'done' ? lesion.value.report : null))
  watch(
    () => (report.value === null ? '' : scans.value.map(({ seriesUid }) => seriesUid).join(' ')),
    (uids) => {
      for (const seriesUid of uids.split(' ')) if (seriesUid !== '') void others.load(seriesUid)
    },
    { immediate: true },
  )
  watch(
    () => lesion.value?.key,
    () => {
      answer.value = null
      asked.value = null
    },
  )
  async function compare(offer: GrowthOffer): Promise<void> {
    const here = lesion.value
    if (here === null) return
    asked.value = offer.key
    const told = await postJson('runs/growth', { lesions: [here.request, offer.request] }, LesionGrowth)
    if (asked.value === offer.key && lesion.value?.key === here.key) answer.value = told
  }
  return {
    lockedBecause: computed(() => (report.value === null ? null : whyNotCompared(report.value))),
    dates: computed(() =>
      own.value === null || report.value === null
        ? []
        : scans.value.map((scan) =>
            dateOf(scan, own.value, kept.lesionsOf(seriesSubject(scan.seriesUid)), others.of(scan.seriesUid)),
          ),
    ),
    ...{ answer, asked, compare },
  }
}

/** Series of other studies of the patient, newest first; those of photographs and secondary captures have no lesions. */
const otherScans = (series: readonly SeriesSummary[], own: SeriesSummary): readonly SeriesSummary[] =>
  series
    .filter((one) => one.studyUid !== own.studyUid && one.modality === own.modality && isOnePatient(one, own))
    .toSorted((a, b) => (a.studyDate < b.studyDate ? 1 : -1))

/** Places and slices of other scans, asked for once a visit of this view. */
function useOthers() {
  const pictures = usePictures()
  const kept = useKeptRuns()
  const known = shallowReactive(new Map<string, Other>())
  return {
    of: (seriesUid: string): Other => known.get(seriesUid) ?? { detail: null, places: [] },
    async load(seriesUid: string): Promise<void> {
      const subject = seriesSubject(seriesUid)
      const [detail, journal] = await Promise.all([
        pictures.detailOf(seriesUid),
        getJson(`places?${queryOfSubject(subject)}`, PlaceJournal),
        kept.load(subject),
      ])
      known.set(seriesUid, {
        detail: detail.ok ? detail.value : null,
        places: journal.ok ? placeSteps.standing(journal.value.entries) : [],
      })
    },
  }
}

function dateOf(
  scan: SeriesSummary,
  own: SeriesSummary | null,
  lesions: readonly KeptLesion[],
  other: Other,
): GrowthDate {
  const apart = own === null ? null : datesApart(own, scan)
  const offers = lesions.flatMap((lesion) => offerOf(lesion, other))
  return {
    seriesUid: scan.seriesUid,
    date: formatDicomDate(scan.studyDate),
    words: [priorWords(scan.studyDate, own?.studyDate ?? null, false), formatPlural(scan.slices, 'slice')]
      .filter((words) => words !== '')
      .join(' · '),
    lockedBecause:
      apart?.ok === false
        ? apart.refusal.reason
        : offers.length === 0
          ? 'No lesion was followed there: open it, click the same lesion, and come back.'
          : null,
    offers,
  }
}

/** None where its place was deleted or moved since. */
function offerOf({ request, figures, stale }: KeptLesion, { detail, places }: Other): readonly GrowthOffer[] {
  const { column, row, sliceIndex, structureId } = request.target
  const place = places.find(({ point }) => point.column === column && point.row === row)
  if (place === undefined && structureId === null) return []
  const number = detail === null ? null : sliceNumber(countedStack(detail), sliceIndex)
  return [
    {
      ...{ key: `${request.target.seriesUid} ${column} ${row}`, request },
      label: [
        place === undefined ? 'What readers outlined' : nameOfPlace(place),
        ...(number === null ? [] : [`slice ${number}`]),
      ].join(', '),
      figures: placeFigures(figures, null),
      lockedBecause: stale ?? whyNotCompared(figures),
    },
  ]
}
