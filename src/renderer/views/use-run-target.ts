import { computed, type ComputedRef, watch } from 'vue'
import type { RunRequest, RunTarget } from '../../contract'
import type { CommandAnswers } from '../keys/dispatch'
import { useProgram } from '../state/program'
import { copyText } from '../state/platform'
import { type RunSnapshot, runKey } from '../state/run-snapshot'
import { useRunSettings } from '../state/run-settings'
import { useRuns } from '../state/runs'
import type { ViewSettings } from '../state/view-settings'
import { evenlyBySize } from '../panels/sample-picture'
import { modelsFor, whyNoModel } from '../words/run-words'

/** The run of what is chosen on what is shown, and what can be done with it. */
export interface RunOfTarget {
  readonly run: ComputedRef<RunSnapshot | null>
  readonly models: ComputedRef<ReturnType<typeof modelsFor>>
  readonly lockedBecause: ComputedRef<string | null>
  /** Draws; null takes the count of the settings. */
  readonly draw: (samples: number | null) => void
  readonly commands: CommandAnswers
}

/** How many more samples one press of Shift Enter asks for. */
const MORE_SAMPLES = 100

/**
 * Finds the run that fits: the one asked for by the settings, else the newest of this target (the count or the seed
 * of the form may have been changed since it was drawn). A run of another slice never fits.
 */
export function useRunTarget(
  target: ComputedRef<RunTarget | null>,
  modality: ComputedRef<string>,
  view: ViewSettings,
): RunOfTarget {
  const runs = useRuns()
  const settings = useRunSettings()
  const program = useProgram()
  const models = computed(() =>
    modality.value === 'CT' || modality.value === 'fundus'
      ? modelsFor(program.models ?? [], modality.value)
      : [],
  )
  const lockedBecause = computed(() => whyNoModel(program.models, modality.value))

  const run = computed(() => {
    const wanted = target.value
    if (wanted === null) return null
    return [...runs.runs.values()].reverse().find((one) => sameTarget(one.request, wanted)) ?? null
  })

  function draw(samples: number | null): void {
    if (target.value === null || lockedBecause.value !== null) return
    const isKnown = models.value.some((model) => model.id === settings.modelId)
    void runs.start({
      target: target.value,
      modelId: isKnown ? settings.modelId : null,
      samples: samples ?? settings.samples,
      seed: settings.seed,
    })
  }

  watch(run, (now, before) => {
    if (now?.key !== before?.key) view.highlightSample.value = null
  })

  return {
    run,
    models,
    lockedBecause,
    draw,
    commands: spreadCommands(run, draw, lockedBecause, target, view),
  }
}

const sameTarget = (request: RunRequest, target: RunTarget): boolean =>
  runKey({ ...request, target }) === runKey(request)

const isEmpty = (mask: Uint8Array | undefined): boolean => mask?.every((byte) => byte === 0) ?? true

function spreadCommands(
  run: ComputedRef<RunSnapshot | null>,
  draw: (samples: number | null) => void,
  lockedBecause: ComputedRef<string | null>,
  target: ComputedRef<RunTarget | null>,
  view: ViewSettings,
): CommandAnswers {
  const locked = (): string | null =>
    lockedBecause.value ?? (target.value === null ? 'nothing is chosen' : null)
  const noSamples = (): string | null => (run.value?.record == null ? 'no samples here yet' : null)
  const step = (by: number): void => {
    const masks = run.value?.masks ?? []
    // Small to large; an empty sample has nothing to show.
    const order = evenlyBySize(masks, masks.length).filter((index) => !isEmpty(masks[index]))
    if (order.length === 0) return
    const at = view.highlightSample.value === null ? -1 : order.indexOf(view.highlightSample.value)
    const next = at < 0 ? (by > 0 ? 0 : order.length - 1) : (at + by + order.length) % order.length
    view.highlightSample.value = order[next] ?? null
  }
  return {
    'draw-samples': {
      run: () => {
        draw(null)
      },
      lockedBecause: locked,
    },
    'draw-more': {
      run: () => {
        draw((run.value?.masks.length ?? 0) + MORE_SAMPLES)
      },
      lockedBecause: () => locked() ?? noSamples(),
    },
    'sample-next': {
      run: () => {
        step(1)
      },
      lockedBecause: noSamples,
    },
    'sample-previous': {
      run: () => {
        step(-1)
      },
      lockedBecause: noSamples,
    },
    'copy-command': {
      run: () => void copyText(run.value?.record?.command ?? ''),
      lockedBecause: noSamples,
    },
  }
}
