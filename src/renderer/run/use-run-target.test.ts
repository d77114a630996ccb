// @vitest-environment happy-dom
import { flushPromises } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { computed, nextTick, shallowRef } from 'vue'
import {
  type InstalledModel,
  type LesionLine,
  type LesionRequest,
  Manifest,
  type RunRecord,
  type RunRequest,
  type RunTarget,
} from '../../contract'
import { inSetup } from '../../../test/in-setup'
import { createViewSettings, type ViewSettings } from '../picture/view-settings'
import { useProgram } from '../wire/program'
import { newRun } from './run-snapshot'
import { useRunSettings } from './run-settings'
import { useRuns } from './runs'
import { type RunOfTarget, useRunTarget } from './use-run-target'

/** Packages as they are installed; what is compared here is their ids, what they read and whether they have a latent. */
const manifestOf = (id: string): Manifest =>
  Manifest.parse(
    JSON.parse(readFileSync(join(import.meta.dirname, '../../../models', id, 'manifest.json'), 'utf8')),
  )
const installed = (id: string): InstalledModel => ({
  ...{
    id,
    path: id,
    manifest: manifestOf(id),
    card: '',
    sha256: null,
    sizeBytes: 1,
    refusal: null,
    standing: null,
  },
})
const PLANAR = 'lidc-cflow-planar'
const GLOW = 'lidc-cflow-glow'
const ONE_OUTLINE = 'lidc-unet'
const FUNDUS = 'retina-cflow-planar'

const place = (sliceIndex: number): RunTarget => ({
  ...{ kind: 'series', seriesUid: '1.2', sliceIndex, column: 10, row: 10, structureId: null },
})
const target = shallowRef<RunTarget | null>(null)
const modality = shallowRef('CT')
const withheld = shallowRef<string | null>(null)
let asked: RunRequest[]
/** Lesions that were followed, and what tells of them. */
let followed: { readonly request: LesionRequest; readonly tell: (line: LesionLine) => void }[]
let view: ViewSettings
let shown: RunOfTarget
let leave = (): void => undefined

beforeEach(() => {
  setActivePinia(createPinia())
  localStorage.clear()
  target.value = place(3)
  modality.value = 'CT'
  withheld.value = null
  asked = []
  followed = []
  useProgram().models = [PLANAR, GLOW, ONE_OUTLINE, FUNDUS].map(installed)
  vi.spyOn(useRuns(), 'start').mockImplementation((request) => {
    asked.push(request)
    return Promise.resolve()
  })
  vi.spyOn(useRuns(), 'follow').mockImplementation((request, tell) => {
    followed.push({ request, tell })
    return Promise.resolve()
  })
  view = createViewSettings('contours')
  ;({ made: shown, leave } = inSetup(() =>
    useRunTarget(
      computed(() => target.value),
      computed(() => modality.value),
      view,
      () => withheld.value,
    ),
  ))
})
afterEach(() => {
  leave()
  vi.restoreAllMocks()
})

/** A finished run of samples with so many pixels each. */
function finish(request: Partial<RunRequest>, pixels: readonly number[] = [1]): void {
  const whole: RunRequest = { target: place(3), modelId: PLANAR, samples: pixels.length, seed: 1, ...request }
  const masks = pixels.map((count) => Uint8Array.from([(0xff00 >> count) & 0xff]))
  const record = { command: `margin infer ${whole.modelId ?? ''}` } as RunRecord
  const run = { ...newRun(whole, null), phase: 'done' as const, record, masks }
  useRuns().runs = new Map(useRuns().runs).set(run.key, run)
}
const press = (id: keyof RunOfTarget['commands']): void => {
  shown.commands[id]?.run('down')
}
const locked = (id: keyof RunOfTarget['commands']): string | null =>
  shown.commands[id]?.lockedBecause?.() ?? null

test('drawing asks the model in use for what the form says, at the place that is chosen', () => {
  useRunSettings().setSamples(25)
  useRunSettings().setSeed(7)
  press('draw-samples')
  expect(asked).toEqual([{ target: place(3), modelId: PLANAR, samples: 25, seed: 7 }])
  useRunSettings().independent = true
  shown.draw(5)
  expect(asked.at(-1)).toMatchObject({ samples: 5, draws: 'independent' })
})

test('nothing is drawn where nothing is chosen, where it is withheld, or where no model fits', () => {
  target.value = null
  expect(locked('draw-samples')).toBe('nothing is chosen')
  press('draw-samples')
  target.value = place(3)
  withheld.value = 'You read this case blind.'
  press('draw-samples')
  withheld.value = null
  modality.value = 'US'
  expect(shown.models.value).toEqual([])
  press('draw-samples')
  expect(asked).toEqual([])
})

test('what is shown is the newest run of this very place by the model in use', () => {
  finish({ seed: 1 })
  finish({ seed: 2 })
  expect(shown.run.value?.request.seed).toBe(2)
  finish({ seed: 3, modelId: GLOW })
  finish({ seed: 4, target: place(4) })
  expect(shown.run.value?.request.seed).toBe(2)
  target.value = place(4)
  expect(shown.run.value?.request.seed).toBe(4)
  target.value = place(5)
  expect(shown.run.value).toBeNull()
})

test('another model draws anew what is shown, as the form says; a picture without samples stays empty', async () => {
  finish({ seed: 7, samples: 25 })
  useRunSettings().setSeed(9)
  useRunSettings().setSamples(40)
  shown.choose(GLOW)
  await nextTick()
  expect(asked).toEqual([{ target: place(3), modelId: GLOW, samples: 40, seed: 9 }])
  target.value = place(5)
  await nextTick()
  shown.choose(PLANAR)
  await nextTick()
  expect(asked).toHaveLength(1)
})

test('more samples are a hundred more than there are, and only of a model with a latent', async () => {
  expect(locked('draw-more')).toBe('no samples here yet')
  finish({ samples: 3 }, [1, 2, 3])
  expect(locked('draw-more')).toBeNull()
  press('draw-more')
  expect(asked.at(-1)?.samples).toBe(103)
  shown.choose(ONE_OUTLINE)
  await nextTick()
  expect(locked('draw-more')).toBe('this model draws one outline')
})

test('samples are stepped through from small to large, round the end, without the empty ones', () => {
  expect(locked('sample-next')).toBe('no samples here yet')
  finish({}, [3, 0, 1, 2])
  const seen = ['sample-next', 'sample-next', 'sample-next', 'sample-next'].map((id) => {
    press(id as 'sample-next')
    return view.highlightSample.value
  })
  expect(seen).toEqual([2, 3, 0, 2])
  press('sample-previous')
  expect(view.highlightSample.value).toBe(0)
  view.highlightSample.value = null
  press('sample-previous')
  expect(view.highlightSample.value).toBe(0)
})

test('a sample that was picked out does not stay so in another run', async () => {
  finish({}, [1, 2])
  await nextTick()
  press('sample-next')
  finish({ seed: 2 }, [1, 2])
  await nextTick()
  expect(view.highlightSample.value).toBeNull()
})

test('a comparison takes another model that fits, and ends with the next press', async () => {
  finish({})
  press('compare-models')
  await nextTick()
  expect(shown.comparison.other.value?.id).toBe(GLOW)
  expect(locked('sample-next')).toBe('two models are compared')
  press('compare-models')
  expect(shown.comparison.other.value).toBeNull()
  modality.value = 'fundus'
  expect(shown.models.value.map(({ id }) => id)).toEqual([FUNDUS])
  expect(locked('compare-models')).toBe('no second model fits this picture')
})

test('a place is followed through its slices once its samples stand, once; its run on a slice is what is shown there', async () => {
  finish({ samples: 2 }, [1, 2])
  await flushPromises()
  expect(followed.map(({ request }) => [request.target.sliceIndex, request.samples])).toEqual([[3, 2]])
  expect(shown.lesion.value?.phase).toBe('running')
  // On the next slice the lesion lies a little further on, and so does the crop.
  const next: LesionRequest['target'] = { ...place(4), column: 13, row: 9 } as LesionRequest['target']
  const started = { kind: 'started' } as Extract<LesionLine, { kind: 'slice' }>['line']
  followed[0]?.tell({ kind: 'slice', target: next, line: started })
  finish({ samples: 2, target: next }, [1, 2])
  target.value = place(4)
  expect(shown.run.value?.request.target).toEqual(next)
  // Drawn there by hand afterwards: that one.
  finish({ samples: 2, seed: 5, target: place(4) }, [1, 2])
  expect(shown.run.value?.request.seed).toBe(5)
  target.value = place(5)
  expect(shown.run.value).toBeNull()
  expect(shown.lesion.value?.runKeys.size).toBe(1)
  expect(followed).toHaveLength(1)
})

test('a place is followed from where it was clicked, also when its slice was left before its samples stood', async () => {
  target.value = place(6)
  finish({ target: place(3) })
  await flushPromises()
  expect(followed.map(({ request }) => request.target)).toEqual([place(3)])
})

test('a lesion belongs to the run that is shown: drawn otherwise, it is followed anew, or said to be of another run', async () => {
  finish({ samples: 2 }, [1, 2])
  await flushPromises()
  finish({ samples: 3, seed: 9 }, [1, 2, 3])
  await flushPromises()
  expect(followed.map(({ request }) => [request.samples, request.seed])).toEqual([
    [2, 1],
    [3, 9],
  ])
  expect(shown.lesion.value?.request.seed).toBe(9)
  useRunSettings().setFollowsLesions(false)
  finish({ samples: 1 }, [1])
  await flushPromises()
  expect(shown.lesion.value).toBeNull()
  expect(shown.otherLesion.value?.request.seed).toBe(9)
})

test('a slice of a lesion has one run: what was drawn there around the click gives way, and drawing again takes its crop', async () => {
  finish({ samples: 100, target: place(4) }, [1])
  finish({ samples: 100 }, [1])
  await flushPromises()
  const next = { ...place(4), column: 13, row: 9 } as LesionRequest['target']
  const started = { kind: 'started' } as Extract<LesionLine, { kind: 'slice' }>['line']
  followed[0]?.tell({ kind: 'slice', target: next, line: started })
  finish({ samples: 100, target: next }, [1])
  finish({ samples: 100, target: place(4) }, [1])
  target.value = place(4)
  await nextTick()
  expect(shown.run.value?.request.target).toEqual(next)
  press('draw-samples')
  expect(asked.at(-1)?.target).toEqual(next)
  expect(followed).toHaveLength(1)
})

test('nothing is followed by itself where that is switched off, where two models are compared, or of one outline', async () => {
  useRunSettings().setFollowsLesions(false)
  finish({})
  await nextTick()
  shown.followLesion()
  await flushPromises()
  expect(followed).toHaveLength(1)
  useRunSettings().setFollowsLesions(true)
  press('compare-models')
  await nextTick()
  target.value = place(7)
  finish({ target: place(7) })
  await flushPromises()
  press('compare-models')
  shown.choose(ONE_OUTLINE)
  await flushPromises()
  expect(followed).toHaveLength(1)
})

test('another model follows the same lesion from where it was clicked, also when it is chosen on a slice at its edge', async () => {
  finish({ samples: 2 }, [1, 2])
  await flushPromises()
  const edge: LesionRequest['target'] = { ...place(9), column: 13, row: 9 } as LesionRequest['target']
  const started = { kind: 'started' } as Extract<LesionLine, { kind: 'slice' }>['line']
  followed[0]?.tell({ kind: 'slice', target: edge, line: started })
  finish({ samples: 2, target: edge }, [1, 2])
  target.value = place(9)
  await flushPromises()
  shown.choose(GLOW)
  await flushPromises()
  expect(asked.at(-1)).toMatchObject({ target: place(9), modelId: GLOW })
  finish({ samples: 2, target: place(9), modelId: GLOW }, [1, 2])
  await flushPromises()
  expect(followed.map(({ request }) => [request.modelId, request.target.sliceIndex])).toEqual([
    [PLANAR, 3],
    [GLOW, 3],
  ])
})
