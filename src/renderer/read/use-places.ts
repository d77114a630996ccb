import { computed, type ComputedRef, ref, type Ref, watch } from 'vue'
import {
  cleanLabel,
  type ClickedPlace,
  type RunTarget,
  type SliceInstance,
  type SlicePlace,
  type Structure,
  type Subject,
} from '../../contract'
import { nextNumber, nameOfPlace } from '../../core/subject/clicked-places'
import { namedPlace, numberNow } from '../../core/subject/slice-places'
import type { SubjectPicture } from '../picture/use-picture'
import { useReadings } from '../readings/readings'
import { placeKey, runTargetOn, structureAt, type Target, targetOfStructure, targetsOf } from '../run/targets'
import type { ImagePoint } from '../../core/geometry/image-point'
import { useProgram } from '../wire/program'
import { keyOfSubject } from '../../core/subject/subject'
import { useChosenPlace } from './chosen-place'
import { type KeptPlaces, useKeptPlaces } from './use-kept-places'

/** What a run in the reading view is about: an outlined structure, a clicked place, or a photograph whole. */
export interface Places {
  readonly structures: ComputedRef<readonly Structure[]>
  /** Structures and clicks in a series; a photograph has none to choose from. */
  readonly targets: ComputedRef<readonly Target[]>
  readonly chosenKey: ComputedRef<string | null>
  readonly chosen: ComputedRef<Target | null>
  /** What the figures are of; null: nothing was chosen. */
  readonly label: ComputedRef<string | null>
  readonly runTarget: ComputedRef<RunTarget | null>
  /** Who outlined what is listed: the chosen structure, else one on this slice, else the first. */
  readonly listed: ComputedRef<Structure | null>
  /** Chosen from the list: goes to its slice and shows it large. */
  readonly choose: (target: Target) => void
  /** Chosen in the image: nothing moves, unless a place is to be moved there. */
  readonly pick: (point: ImagePoint) => void
  /** Chosen by its mark in the image: nothing moves. */
  readonly take: (target: Target) => void
  readonly next: () => void
  /** Places as the workspace keeps them, with what is not on disk yet. */
  readonly kept: KeptPlaces
  /** Those whose slice is not among those that are open. */
  readonly awayCount: ComputedRef<number>
  readonly rename: (target: Target, typed: string) => void
  /** Takes a place off the list; undo brings it back. */
  readonly remove: (target: Target) => void
  /** The place that the next click moves; null: the next click is a place of its own. */
  readonly moving: Ref<string | null>
  /** Moves a place to a point of the slice in view: it draws anew there. */
  readonly moveTo: (placeId: string, point: ImagePoint) => void
}

/** What choosing asks of the view. */
export interface PlaceActs {
  readonly draw: () => void
  readonly zoomTo: (centre: ImagePoint) => void
  readonly isLocked: () => boolean
}

export function usePlaces(subject: Subject, shown: SubjectPicture, acts: () => PlaceActs): Places {
  const readings = useReadings()
  const program = useProgram()
  const { kind, wanted } = shown
  const structures = computed(() => readings.setOf(subject)?.structures ?? [])
  const key = useChosenPlace().of(keyOfSubject(subject))
  const kept = useKeptPlaces(subject)
  const slices = computed(() => shown.detail.value?.slices ?? null)
  const { targets, awayCount } = listedTargets(structures, kept, slices, kind.hasSlices)
  const chosen = computed(() => chosenOf(targets.value, key.value))

  const { isReady, wait, drawWhenReady } = untilReady(shown, chosen, acts, (target) => {
    choose(target)
  })

  const hands = placeHands({ kept, key, here: () => namedPlace({ sliceIndex: wanted.value }, slices.value) })
  const { moving } = hands

  function choose(target: Target): void {
    key.value = target.key
    moving.value = null
    wait('choose')
    if (!isReady.value) return
    if (wanted.value < target.firstSlice || wanted.value > target.lastSlice) shown.goTo(target.homeSlice)
    acts().zoomTo(target.centre)
    acts().draw()
  }

  function take(target: Target): void {
    key.value = target.key
    moving.value = null
    drawWhenReady()
  }

  function moveTo(placeId: string, point: ImagePoint): void {
    stayOnShown(shown)
    if (!acts().isLocked() && hands.move(placeId, point)) drawWhenReady()
  }

  function pick(point: ImagePoint): void {
    // A click that comes before the models is kept: only what stays locked is no place to draw.
    if (program.models !== null && acts().isLocked()) return
    stayOnShown(shown)
    const found = structureAt(structures.value, wanted.value, point)
    if (moving.value !== null) hands.move(moving.value, point)
    else if (kind.hasSlices && found !== null) key.value = targetOfStructure(found).key
    else if (kind.hasSlices) key.value = placeAt(targets.value, wanted.value, point)?.key ?? hands.lay(point)
    drawWhenReady()
  }

  function next(): void {
    const now = targets.value.findIndex((target) => target.key === chosen.value?.key)
    const following = targets.value[(now + 1) % Math.max(1, targets.value.length)]
    if (following !== undefined) choose(following)
  }

  return {
    ...{ structures, targets, chosen, choose, take, pick, next, kept, awayCount, moving, moveTo },
    ...{ rename: hands.rename, remove: hands.remove },
    chosenKey: computed(() => chosen.value?.key ?? null),
    ...aboutChosen(subject, shown, structures, chosen),
  }
}

/** The list may stand before the first picture and the models do: what is chosen then waits for both. */
function untilReady(
  { picture, refusal }: SubjectPicture,
  chosen: Places['chosen'],
  acts: () => PlaceActs,
  choose: (target: Target) => void,
) {
  const program = useProgram()
  const isReady = computed(
    () => (picture.value !== null || refusal.value !== null) && program.models !== null,
  )
  let waiting: 'choose' | 'pick' | null = null
  watch(isReady, () => {
    if (!isReady.value || chosen.value === null) return
    if (waiting === 'choose') choose(chosen.value)
    else if (waiting === 'pick' && !acts().isLocked()) acts().draw()
    waiting = null
  })
  const wait = (what: 'choose' | 'pick'): void => {
    waiting = isReady.value ? null : what
  }
  return {
    ...{ isReady, wait },
    drawWhenReady: (): void => {
      wait('pick')
      if (isReady.value) acts().draw()
    },
  }
}

/** A click is meant for the slice on the screen, also while another one is on its way: that one does not come then. */
function stayOnShown({ picture, wanted, index, goTo }: SubjectPicture): void {
  if (picture.value !== null && wanted.value !== index.value) goTo(index.value)
}

interface HandsOn {
  readonly kept: KeptPlaces
  readonly key: Ref<string | null>
  /** The slice in view. */
  readonly here: () => SlicePlace
}

/** Lays places, and changes them as they are kept. */
function placeHands({ kept, key, here }: HandsOn) {
  const moving = ref<string | null>(null)
  const find = (placeId: string | null): ClickedPlace | null =>
    kept.list.value.find((one) => one.placeId === placeId) ?? null
  return {
    moving,
    /** Its key. */
    lay(point: ImagePoint): string {
      const placeId = crypto.randomUUID()
      const number = nextNumber(kept.list.value)
      kept.put({ placeId, name: null, number, place: here(), point: at(point) })
      return placeKey(placeId)
    },
    /** False: there is no such place any more. */
    move(placeId: string, point: ImagePoint): boolean {
      moving.value = null
      const place = find(placeId)
      if (place === null) return false
      kept.put({ ...place, place: here(), point: at(point) })
      key.value = placeKey(placeId)
      return true
    },
    rename: ({ placeId }: Target, typed: string): void => {
      const place = find(placeId)
      const name = cleanLabel(typed)
      if (place !== null && name !== '' && name !== nameOfPlace(place)) kept.put({ ...place, name })
    },
    remove: ({ placeId }: Target): void => {
      if (placeId !== null) kept.remove(placeId)
    },
  }
}

/** As it is kept: a point of its own, whatever else was handed over with it. */
const at = ({ column, row }: ImagePoint): ImagePoint => ({ column, row })

/** The second click of a double click, or a click on the mark of a place, means the place that is there. */
const SAME_PLACE_PX = 3
const placeAt = (targets: readonly Target[], sliceIndex: number, point: ImagePoint): Target | null =>
  targets.find(
    ({ placeId, homeSlice, centre }) =>
      placeId !== null &&
      homeSlice === sliceIndex &&
      Math.hypot(centre.column - point.column, centre.row - point.row) <= SAME_PLACE_PX,
  ) ?? null

/** By its key, or by that of the place which stands for it. */
const chosenOf = (targets: readonly Target[], key: string | null): Target | null =>
  targets.find((target) => target.key === key) ??
  targets.find(({ placeId }) => placeId !== null && placeKey(placeId) === key) ??
  null

/** Structures and clicked places; those whose slice is not open are counted. */
function listedTargets(
  structures: Places['structures'],
  { list }: KeptPlaces,
  slices: ComputedRef<readonly SliceInstance[] | null>,
  hasPlaces: boolean,
): Pick<Places, 'targets' | 'awayCount'> {
  const found = computed(() => {
    const numberOf = numberNow(slices.value)
    return list.value.flatMap((place) => {
      const sliceIndex = numberOf(place.place)
      return sliceIndex === null ? [] : [{ place, sliceIndex }]
    })
  })
  return {
    targets: computed(() => (hasPlaces ? targetsOf(structures.value, found.value) : [])),
    awayCount: computed(() => list.value.length - found.value.length),
  }
}

/** What follows from the choice: its name, what to draw, and whose readings to list. */
function aboutChosen(
  subject: Subject,
  { kind, detail, wanted, index, modality }: SubjectPicture,
  structures: Places['structures'],
  chosen: Places['chosen'],
): Pick<Places, 'label' | 'runTarget' | 'listed'> {
  const isHere = (one: Structure): boolean => one.firstSlice <= index.value && index.value <= one.lastSlice
  return {
    label: computed(() =>
      kind.hasSlices
        ? (chosen.value?.label ?? null)
        : (structures.value[0]?.label ?? kind.structureOf(modality.value)),
    ),
    runTarget: computed(() =>
      kind.hasSlices && detail.value === null
        ? null
        : runTargetOn(subject, wanted.value, chosen.value, detail.value?.slices ?? null),
    ),
    listed: computed(
      () =>
        structures.value.find(({ structureId }) => structureId === chosen.value?.structureId) ??
        structures.value.find(isHere) ??
        structures.value[0] ??
        null,
    ),
  }
}
