import { computed, type ComputedRef, ref, type Ref, watch } from 'vue'
import type { RunTarget, Structure, Subject } from '../../contract'
import type { SubjectPicture } from '../picture/use-picture'
import { useReadings } from '../readings/readings'
import {
  runTargetOn,
  structureAt,
  type Target,
  targetOfClick,
  targetOfJoined,
  targetOfStructure,
} from '../run/targets'
import type { ImagePoint } from '../../core/geometry/image-point'
import { useProgram } from '../wire/program'
import { keyOfSubject } from '../../core/subject/subject'
import { type ClickedPlaces, usePlaceBook } from './place-book'

/** What a run in the reading view is about: an outlined structure, a clicked place, or a photograph whole. */
export interface Places {
  readonly structures: ComputedRef<readonly Structure[]>
  /** Structures and clicks in a series; a photograph has none to choose from. */
  readonly targets: ComputedRef<readonly Target[]>
  readonly chosenKey: Ref<string | null>
  readonly chosen: ComputedRef<Target | null>
  /** What the figures are of; null: nothing was chosen. */
  readonly label: ComputedRef<string | null>
  readonly runTarget: ComputedRef<RunTarget | null>
  /** Who outlined what is listed: the chosen structure, else one on this slice, else the first. */
  readonly listed: ComputedRef<Structure | null>
  /** Chosen from the list: goes to its slice and shows it large. */
  readonly choose: (target: Target) => void
  /** Chosen in the image: nothing moves. */
  readonly pick: (point: ImagePoint) => void
  readonly next: () => void
  /** Takes a clicked place off the list. */
  readonly remove: (target: Target) => void
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
  const { kind, picture, refusal, wanted } = shown
  const structures = computed(() => readings.setOf(subject)?.structures ?? [])
  const book = usePlaceBook().of(keyOfSubject(subject))
  const { clicks, chosenKey } = book
  const targets = listedTargets(structures, book, kind.hasSlices)
  const chosen = computed(() => targets.value.find((target) => target.key === chosenKey.value) ?? null)

  /** The list may stand before the first picture and the models do: what is chosen then waits for both. */
  const isReady = computed(
    () => (picture.value !== null || refusal.value !== null) && program.models !== null,
  )
  const waiting = ref<'choose' | 'pick' | null>(null)
  watch(isReady, () => {
    if (!isReady.value || chosen.value === null) return
    if (waiting.value === 'choose') choose(chosen.value)
    else if (waiting.value === 'pick' && !acts().isLocked()) acts().draw()
    waiting.value = null
  })

  function choose(target: Target): void {
    chosenKey.value = target.key
    waiting.value = isReady.value ? null : 'choose'
    if (!isReady.value) return
    if (wanted.value < target.firstSlice || wanted.value > target.lastSlice) shown.goTo(target.homeSlice)
    acts().zoomTo(target.centre)
    acts().draw()
  }

  function pick(point: ImagePoint): void {
    // A click that comes before the models is kept: only what stays locked is no place to draw.
    if (program.models !== null && acts().isLocked()) return
    if (kind.hasSlices) {
      const found = structureAt(structures.value, wanted.value, point)
      const click = targetOfClick(point, wanted.value, clicks.value)
      if (found === null) clicks.value = [...clicks.value, click]
      chosenKey.value = (found === null ? click : targetOfStructure(found)).key
    }
    waiting.value = isReady.value ? null : 'pick'
    if (isReady.value) acts().draw()
  }

  function next(): void {
    const at = targets.value.findIndex((target) => target.key === chosenKey.value)
    const following = targets.value[(at + 1) % Math.max(1, targets.value.length)]
    if (following !== undefined) choose(following)
  }

  function remove({ key }: Target): void {
    clicks.value = clicks.value.filter((click) => click.key !== key)
    if (chosenKey.value === key) chosenKey.value = null
  }

  return {
    ...{ structures, targets, chosenKey, chosen, choose, pick, next, remove },
    ...aboutChosen(subject, shown, structures, chosen),
  }
}

/** Structures and clicked places. A place that turns out to lie on a structure, once readings come in, joins it. */
function listedTargets(
  structures: Places['structures'],
  { clicks, chosenKey, joined }: ClickedPlaces,
  hasPlaces: boolean,
): Places['targets'] {
  watch(structures, (known) => {
    for (const click of clicks.value) {
      const found = structureAt(known, click.homeSlice, click.centre)
      if (found === null) continue
      const isChosen = click.key === chosenKey.value
      if (isChosen || joined.value[found.structureId] === undefined)
        joined.value = { ...joined.value, [found.structureId]: click }
      if (isChosen) chosenKey.value = targetOfStructure(found).key
      clicks.value = clicks.value.filter(({ key }) => key !== click.key)
    }
  })
  const ofStructure = (structure: Structure): Target => {
    const click = joined.value[structure.structureId]
    return click === undefined ? targetOfStructure(structure) : targetOfJoined(click, structure)
  }
  return computed(() => (hasPlaces ? [...structures.value.map(ofStructure), ...clicks.value] : []))
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
