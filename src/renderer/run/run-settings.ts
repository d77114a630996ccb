import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { type Draws, MAX_SAMPLES, ModelModality } from '../../contract'
import { keepText, keptText } from '../browser/kept'

type ModelChoice = ReadonlyMap<ModelModality, string | null>

const FOLLOWS = 'lesion.follows'
const nameOf = (modality: ModelModality): string => `model.${modality}`

/** How many samples the next run draws, from which seed and how, by which model, and which model it is compared with. */
export const useRunSettings = defineStore('run-settings', () => {
  const samples = ref(100)
  const seed = ref(1)
  /** Independent draws where they are asked for; else evenly where the package can. */
  const independent = ref(false)
  /** A place that was clicked is followed through its slices by itself; kept between visits. */
  const followsLesions = ref(keptText(FOLLOWS) !== 'no')
  /** The package chosen for each kind of picture, kept between visits; null: the first of the list. */
  const chosen = shallowRef<ModelChoice>(
    new Map(ModelModality.options.map((modality) => [modality, keptText(nameOf(modality))])),
  )
  /** The second package of a comparison, for this visit; null: nothing is compared. */
  const compared = shallowRef<ModelChoice>(new Map())

  /** A count is kept within what the program draws at most. */
  function setSamples(count: number): void {
    if (Number.isFinite(count)) samples.value = Math.min(MAX_SAMPLES, Math.max(1, Math.round(count)))
  }

  /** What a run request says of it: nothing, unless independent draws are wanted. */
  const draws = computed<{ readonly draws?: Draws }>(() =>
    independent.value ? { draws: 'independent' } : {},
  )

  function setSeed(next: number): void {
    if (Number.isSafeInteger(next) && next >= 0) seed.value = next
  }

  /** The model to use from now on. One that was the second of a comparison changes places with the first. */
  function choose(modality: ModelModality, id: string, before: string | null): void {
    if (compared.value.get(modality) === id) compareWith(modality, before === id ? null : before)
    chosen.value = new Map(chosen.value).set(modality, id)
    keepText(nameOf(modality), id)
  }

  function setFollowsLesions(follows: boolean): void {
    followsLesions.value = follows
    keepText(FOLLOWS, follows ? 'yes' : 'no')
  }

  function compareWith(modality: ModelModality, id: string | null): void {
    compared.value = new Map(compared.value).set(modality, id)
  }

  return {
    ...{ samples, seed, independent, draws, chosen, compared, followsLesions },
    ...{ setSamples, setSeed, setFollowsLesions, choose, compareWith },
  }
})
