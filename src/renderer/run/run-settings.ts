import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import { type Draws, type Manifest, MAX_SAMPLES } from '../../contract'
import { keepText, keptText } from '../browser/kept'

export type Modality = Manifest['modality']
type ModelChoice = { readonly [modality in Modality]: string | null }

const nameOf = (modality: Modality): string => `model.${modality}`

/** How many samples the next run draws, from which seed and how, by which model, and which model it is compared with. */
export const useRunSettings = defineStore('run-settings', () => {
  const samples = ref(100)
  const seed = ref(1)
  /** Independent draws where they are asked for; else evenly where the package can. */
  const independent = ref(false)
  /** The package chosen for each kind of picture, kept between visits; null: the first of the list. */
  const chosen = shallowRef<ModelChoice>({
    CT: keptText(nameOf('CT')),
    fundus: keptText(nameOf('fundus')),
  })
  /** The second package of a comparison, for this visit; null: nothing is compared. */
  const compared = shallowRef<ModelChoice>({ CT: null, fundus: null })

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
  function choose(modality: Modality, id: string, before: string | null): void {
    if (compared.value[modality] === id) compareWith(modality, before === id ? null : before)
    chosen.value = { ...chosen.value, [modality]: id }
    keepText(nameOf(modality), id)
  }

  function compareWith(modality: Modality, id: string | null): void {
    compared.value = { ...compared.value, [modality]: id }
  }

  return { samples, seed, independent, draws, chosen, compared, setSamples, setSeed, choose, compareWith }
})
