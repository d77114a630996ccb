import { computed, type ComputedRef, type Ref, ref, shallowRef, watch } from 'vue'
import { LatentDirections, LatentOutline, MOST_LATENT_SD, type Refusal } from '../../../contract'
import type { InstalledModel, LatentDirection, LatentRequest } from '../../../contract'
import { placeOnImage, traceField } from '../../../core/contour/trace'
import { fromBase64 } from '../../../core/image/base64'
import { placesOfSamples } from '../../../core/sampling/latent-draw'
import { postJson } from '../../wire/http'
import type { RunSnapshot } from '../run-snapshot'

/** A place by the two directions that move the outline most, in standard deviations of the prior. */
export interface LatentPlace {
  readonly x: number
  readonly y: number
}

/** The outline at the place that is looked at. */
interface ExploredOutline {
  readonly areaPx: number
  readonly rings: readonly Float32Array[]
}

export interface Latent {
  readonly isOpen: Ref<boolean>
  readonly told: Readonly<Ref<LatentDirections | null>>
  readonly refusal: Readonly<Ref<Refusal | null>>
  readonly place: Readonly<Ref<LatentPlace>>
  /** null: none came yet. */
  readonly outline: Readonly<Ref<ExploredOutline | null>>
  /** The two directions of the pad; the second is absent of a latent with one. */
  readonly axes: ComputedRef<readonly LatentDirection[]>
  /** Where the samples of the run lie on the pad, in sample order. */
  readonly samples: ComputedRef<readonly LatentPlace[]>
  readonly moveTo: (place: LatentPlace) => void
  /** What is drawn over the image: nothing while it is closed. */
  readonly rings: ComputedRef<readonly Float32Array[]>
}

const MIDDLE: LatentPlace = { x: 0, y: 0 }

const within = (sd: number): number =>
  Math.round(10 * Math.max(-MOST_LATENT_SD, Math.min(MOST_LATENT_SD, sd))) / 10

/**
 * The latent of the run that is shown. While the place is dragged one question is on its way at a time, and the next one
 * asks for where the place is by then: what is shown is never older than one answer.
 */
export function useLatent(
  run: Readonly<Ref<RunSnapshot | null>>,
  model: Readonly<Ref<InstalledModel | null>>,
): Latent {
  const isOpen = ref(false)
  const told = shallowRef<LatentDirections | null>(null)
  const refusal = shallowRef<Refusal | null>(null)
  const place = shallowRef<LatentPlace>(MIDDLE)
  const outline = shallowRef<ExploredOutline | null>(null)
  const axes = computed(() => (told.value?.directions ?? []).slice(0, 2))
  const samples = computed(() => samplesOf(run.value, model.value, axes.value))

  async function open(asked: RunSnapshot): Promise<void> {
    const answer = await postJson('runs/latent', requestOf(asked), LatentDirections)
    if (run.value?.key !== asked.key) return
    if (answer.ok) told.value = answer.value
    else refusal.value = answer.refusal
    if (answer.ok) await ask()
  }

  let isAsking = false
  async function ask(): Promise<void> {
    if (isAsking) return
    isAsking = true
    let asked: LatentPlace | null = null
    while (asked !== place.value && told.value !== null) {
      asked = place.value
      await askFor(asked)
    }
    isAsking = false
  }

  async function askFor(asked: LatentPlace): Promise<void> {
    const at = run.value
    if (at === null) return
    const question = { ...requestOf(at), place: coordinates(asked, axes.value) }
    const answer = await postJson('runs/latent/outline', question, LatentOutline)
    // Closed, or another slice, meanwhile.
    if (run.value?.key !== at.key || told.value === null) return
    if (answer.ok) outline.value = explored(answer.value)
    else refusal.value = answer.refusal
  }

  watch(
    () => [isOpen.value, run.value?.phase === 'done' ? run.value.key : null] as const,
    ([nowOpen, key]) => {
      told.value = null
      outline.value = null
      refusal.value = null
      place.value = MIDDLE
      if (nowOpen && key !== null && run.value !== null) void open(run.value)
    },
  )

  return {
    ...{ isOpen, told, refusal, place, outline, axes, samples },
    moveTo: ({ x, y }) => {
      place.value = { x: within(x), y: within(y) }
      void ask()
    },
    rings: computed(() => outline.value?.rings ?? []),
  }
}

const requestOf = ({ request: { target, modelId, evenBlack } }: RunSnapshot): LatentRequest => ({
  ...{ target, modelId },
  ...(evenBlack === undefined ? {} : { evenBlack }),
})

/** A place as the package's directions count it. */
function coordinates({ x, y }: LatentPlace, [first, second]: readonly LatentDirection[]): number[] {
  const most = Math.max(first?.direction ?? 0, second?.direction ?? 0)
  return Array.from({ length: most + 1 }, (_, direction) =>
    direction === first?.direction ? x : direction === second?.direction ? y : 0,
  )
}

function explored({ grid, field, areaPx }: LatentOutline): ExploredOutline {
  const values = new Int8Array(fromBase64(field))
  return { areaPx, rings: placeOnImage(traceField(values, grid.widthPx, grid.heightPx), grid) }
}

function samplesOf(
  run: RunSnapshot | null,
  model: InstalledModel | null,
  [first, second]: readonly LatentDirection[],
): readonly LatentPlace[] {
  const { record } = run ?? { record: null }
  const manifest = model?.manifest ?? null
  if (record === null || manifest === null || first === undefined) return []
  const directions = manifest.draws?.kind === 'even' ? manifest.draws.directions : null
  const { dimension } = manifest.latent
  return placesOfSamples(record.seed, record.draws, directions, dimension, record.samples).map((along) => ({
    x: along[first.direction] ?? 0,
    y: second === undefined ? 0 : (along[second.direction] ?? 0),
  }))
}
