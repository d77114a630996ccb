import { computed, type ComputedRef, watch } from 'vue'
import type { InstalledModel, ModelModality, RunRequest } from '../../../contract'
import { useRunSettings } from '../run-settings'
import { type RunSnapshot, runKey } from '../run-snapshot'
import { useRuns } from '../runs'

/** A second model on what the first one drew: the same target, the same seed, the same count. */
export interface ModelComparison {
  /** Null: nothing is compared. */
  readonly other: ComputedRef<InstalledModel | null>
  readonly run: ComputedRef<RunSnapshot | null>
  /** Draws with the second model; after a stop or a failure too. */
  readonly draw: () => void
  readonly compareWith: (id: string | null) => void
}

/**
 * The second model draws by itself once the first one is done. Sample k of both comes from the same random numbers,
 * so that what differs is the models and not the draw.
 */
export function useModelComparison(
  modality: ComputedRef<ModelModality | null>,
  models: ComputedRef<readonly InstalledModel[]>,
  model: ComputedRef<InstalledModel | null>,
  first: ComputedRef<RunSnapshot | null>,
): ModelComparison {
  const runs = useRuns()
  const settings = useRunSettings()
  const other = computed(() => {
    const id = modality.value === null ? null : (settings.compared.get(modality.value) ?? null)
    return models.value.find((one) => one.id === id && one.id !== model.value?.id) ?? null
  })
  const request = computed<RunRequest | null>(() =>
    first.value === null || other.value === null ? null : { ...first.value.request, modelId: other.value.id },
  )
  const key = computed(() => (request.value === null ? null : runKey(request.value)))
  const run = computed(() => (key.value === null ? null : runs.find(key.value)))

  async function draw(): Promise<void> {
    const wanted = request.value
    if (wanted === null) return
    // One runs at a time: the first model comes to its end, and may have been exchanged meanwhile.
    await runs.settled()
    if (key.value === runKey(wanted)) await runs.start(wanted)
  }

  watch(
    [key, () => first.value?.phase],
    ([wanted, phase]) => {
      if (wanted !== null && phase === 'done' && run.value === null) void draw()
    },
    { immediate: true },
  )

  return {
    other,
    run,
    draw: () => void draw(),
    compareWith: (id) => {
      if (modality.value !== null) settings.compareWith(modality.value, id)
    },
  }
}
