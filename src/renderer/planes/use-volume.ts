import { computed, type ComputedRef, onUnmounted, ref, type Ref, shallowRef, watch } from 'vue'
import type { SeriesDetail } from '../../contract'
import { formatCount } from '../../core/words/numbers'
import { cuttableVolume, type VolumePlaces } from '../../core/volume/volume-places'
import { slicePath } from '../picture/pictures'
import { useProblems } from '../wire/problems'
import { getPixels } from '../wire/http'
import type { CutAsked, CutPlane } from './worker/plane-messages'
import { type PlaneClient, startPlaneClient } from './worker/plane-client'

/** A volume being fetched for its planes. */
export interface OpenVolume {
  readonly places: ComputedRef<VolumePlaces | null>
  /** Why no plane can be cut; null where it can, or is not known yet. */
  readonly why: ComputedRef<string | null>
  /** Grows as slices come: what was cut before is then cut anew. */
  readonly version: Ref<number>
  /** How far it has come, or what is missing; empty once all is there. */
  readonly words: ComputedRef<string>
  /** Begins to fetch, the slices about this one first. */
  readonly open: (fromSlice: number) => void
  readonly cut: (asked: CutAsked) => Promise<CutPlane | null>
}

/** Requests at once; more would stand in the way of the slice that is looked at. */
const AT_ONCE = 4
/** Planes are cut anew when so many slices have come since. */
const NEWS_EVERY = 16
/** Beyond this a page would not hold it beside everything else. */
const MOST_BYTES = 1.5 * 2 ** 30

const sizeOf = ({ columns, rows, positionsMm }: VolumePlaces): number =>
  columns * rows * positionsMm.length * 2

function judged(detail: SeriesDetail): ReturnType<typeof cuttableVolume> {
  const judgement = cuttableVolume(detail)
  if (judgement.places === null || sizeOf(judgement.places) <= MOST_BYTES) return judgement
  const gibibytes = (sizeOf(judgement.places) / 2 ** 30).toFixed(1)
  return {
    places: null,
    why: `Its slices take ${gibibytes} GiB, more than a page can hold at once: open a reconstruction with thicker slices.`,
  }
}

export function useVolume(detail: Readonly<Ref<SeriesDetail | null>>): OpenVolume {
  const problems = useProblems()
  const judgement = computed(() => (detail.value === null ? null : judged(detail.value)))
  const client = shallowRef<PlaneClient | null>(null)
  const [come, failed, version] = [ref(0), ref(0), ref(0)]
  const total = computed(() => detail.value?.slices.length ?? 0)
  let isClosed = false

  async function fetchSlice(series: SeriesDetail, index: number): Promise<void> {
    const answer = await getPixels(slicePath(series, index))
    if (isClosed) return
    if (answer.ok) {
      client.value?.addSlice(index, answer.value)
      come.value += 1
    } else {
      failed.value += 1
      problems.addRefusal(
        `volume/${series.summary.seriesUid}`,
        'A slice is missing from the planes',
        answer.refusal,
      )
    }
    const done = come.value + failed.value
    if (done % NEWS_EVERY === 1 || done === total.value) version.value += 1
  }

  function open(fromSlice: number): void {
    const series = detail.value
    const places = judgement.value?.places ?? null
    if (client.value !== null || series === null || places === null) return
    client.value = startPlaneClient(places)
    const queue = series.slices
      .map(({ index }) => index)
      .sort((a, b) => Math.abs(a - fromSlice) - Math.abs(b - fromSlice))
    const inTurn = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined && !isClosed; next = queue.shift())
        await fetchSlice(series, next)
    }
    for (let hand = 0; hand < AT_ONCE; hand += 1) void inTurn()
  }

  onUnmounted(() => {
    isClosed = true
    client.value?.close()
  })
  watch(detail, () => (version.value += 1))
  return {
    ...{ version, open },
    places: computed(() => judgement.value?.places ?? null),
    why: computed(() => judgement.value?.why ?? null),
    words: computed(() => {
      if (client.value === null) return ''
      const done = come.value + failed.value
      if (done < total.value) return `${formatCount(done)} of ${formatCount(total.value)} slices are here`
      return failed.value === 0
        ? ''
        : `${formatCount(failed.value)} of ${formatCount(total.value)} slices are missing`
    }),
    cut: (asked) => client.value?.cut(asked) ?? Promise.resolve(null),
  }
}
