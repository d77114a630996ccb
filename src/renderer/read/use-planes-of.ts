import { computed, type ComputedRef, type Ref, shallowRef, watch } from 'vue'
import type { Subject } from '../../contract'
import { sliceOfTarget } from '../../core/subject/subject'
import type { CommandAnswers } from '../keys/dispatch'
import type { ProbeWord } from '../picture/probe-words'
import type { SubjectPicture } from '../picture/use-picture'
import type { ViewSettings } from '../picture/view-settings'
import { type PlacedOutline, readersPlaced, samplesPlaced } from '../planes/plane-outlines'
import { nextLayout, usePlanes } from '../planes/use-planes'
import type { RunSnapshot } from '../run/run-snapshot'
import type { Places } from './use-places'

interface Case {
  readonly shown: SubjectPicture
  readonly view: ViewSettings
  readonly places: Places
  readonly run: Readonly<Ref<RunSnapshot | null>>
}

/** The planes of the case that is read: the crosshair goes where a place is chosen, outlines are cut by the planes. */
export function usePlanesOf(
  subject: Subject,
  { shown, view, places, run }: Case,
  status: ComputedRef<readonly ProbeWord[]>,
) {
  const planes = usePlanes(subject, shown, view)
  const heard = shallowRef<readonly ProbeWord[]>([])
  const hasPlanes = computed(() => planes.layout.value !== '1x1')
  watch(
    () => places.chosen.value?.key,
    () => {
      const place = places.chosen.value
      if (place !== null && hasPlanes.value) planes.goTo(place.homeSlice, place.centre)
    },
  )
  watch(hasPlanes, (areShown) => {
    heard.value = []
    const place = places.chosen.value
    const slice = shown.wanted.value
    // Opened over what is looked at, they show it; no slice turns for that.
    if (areShown && place !== null && place.firstSlice <= slice && slice <= place.lastSlice)
      planes.goTo(slice, place.centre)
  })
  // The pointer is over one view at a time: what a plane told goes when the slice tells something.
  watch(status, (words) => {
    if (words.length > 0) heard.value = []
  })
  const outlines = computed((): readonly PlacedOutline[] => {
    if (!hasPlanes.value) return []
    const { layers, hiddenReaders } = view
    const overlay = run.value?.overlay ?? null
    return [
      ...(layers.value.readers ? readersPlaced(places.structures.value, hiddenReaders.value) : []),
      ...(overlay === null || run.value === null
        ? []
        : samplesPlaced(overlay, sliceOfTarget(run.value.request.target), layers.value)),
    ]
  })
  const commands: CommandAnswers = !shown.kind.hasSlices
    ? {}
    : {
        layout: {
          run: () => {
            planes.layout.value = nextLayout(planes.layout.value)
          },
        },
        'tool-cross': {
          run: () => {
            view.tool.value = 'cross'
          },
          lockedBecause: () => (hasPlanes.value ? null : 'one view is shown: there is nothing to link'),
        },
      }
  return {
    ...{ planes, outlines, hasPlanes, commands },
    /** What lies under the pointer, in whichever view it is. */
    words: computed(() => (heard.value.length > 0 ? heard.value : status.value)),
    hear: (said: readonly ProbeWord[]): void => {
      heard.value = said
    },
  }
}
