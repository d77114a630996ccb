import { sliceOfLesion } from '../../core/lesion/no-nodule'
import { modelModality } from '../../core/subject/modalities'
import { computed, type ComputedRef, watch } from 'vue'
import type { InstalledModel, RunRequest, RunTarget } from '../../contract'
import { drawsOneOutline } from '../../core/sampling/one-outline'
import type { CommandAnswers } from '../keys/dispatch'
import { useProgram } from '../wire/program'
import { useCopiedRun } from './use-copied-run'
import { type RunSnapshot, runKey } from './run-snapshot'
import { useRunSettings } from './run-settings'
import { useRuns } from './runs'
import { lesionKey, type LesionSnapshot } from './lesion/lesion-snapshot'
import { useLesions } from './lesion/lesions'
import type { ViewSettings } from '../picture/view-settings'
import { evenlyBySize } from './sample-picture'
import { modelInUse } from './models/model-words'
import { hasNoUncertainty, modelsFor, whyNoModel } from './run-words'
import { type ModelComparison, useModelComparison } from './models/use-model-comparison'

/** The run of what is chosen on what is shown, and what can be done with it. */
export interface RunOfTarget {
  /** Of the model in use, never of another one. */
  readonly run: ComputedRef<RunSnapshot | null>
  /** Packages that fit the picture, by preference. */
  readonly models: ComputedRef<readonly InstalledModel[]>
  /** The package in use. */
  readonly model: ComputedRef<InstalledModel | null>
  /** Said where the chosen package cannot be used and another one is. */
  readonly insteadOf: ComputedRef<string | null>
  /** Uses another package from now on, for pictures of this kind. */
  readonly choose: (id: string) => void
  readonly comparison: ModelComparison
  /** The lesion at this place that was followed as the run was drawn, as far as it was; null: it was not. */
  readonly lesion: ComputedRef<LesionSnapshot | null>
  /** The newest lesion at this place that was followed otherwise than the run was drawn; null: none was. */
  readonly otherLesion: ComputedRef<LesionSnapshot | null>
  /** Follows it from the slice of the run that is shown. */
  readonly followLesion: () => void
  readonly lockedBecause: ComputedRef<string | null>
  /** Draws: as the form says; with a count so many of the run that is shown. */
  readonly draw: (samples: number | null) => void
  /** What was just copied of this run, in words; null: nothing. */
  readonly copied: ComputedRef<string | null>
  readonly commands: CommandAnswers
}

/** How many more samples one press of Shift Enter asks for. */
const MORE_SAMPLES = 100

/**
 * Finds the run that fits: the newest of this target by the model in use (the count or the seed of the form may have
 * been changed since it was drawn). A run of another slice never fits. Another model draws anew what is shown, as the
 * form says. A lesion belongs to the run: followed as that was drawn, and then its run is what its slices show.
 */
export function useRunTarget(
  target: ComputedRef<RunTarget | null>,
  modality: ComputedRef<string>,
  view: ViewSettings,
  withheldBecause: () => string | null,
): RunOfTarget {
  const runs = useRuns()
  const settings = useRunSettings()
  const program = useProgram()
  const { reads, models, inUse, model } = useModelsOf(modality)
  const lockedBecause = computed(() => withheldBecause() ?? whyNoModel(program.models, modality.value))

  const lesions = useLesions()
  const shownOf = (modelId: string | undefined): Shown =>
    shownAt(runs.runs, target.value, modelId, lesions.followedAt(target.value, modelId))
  const shown = computed(() => shownOf(model.value?.id))
  const run = computed(() => ofLesion(shown.value))
  const lesion = computed(() => shown.value.lesion)
  const comparison = useModelComparison(reads, models, model, run)

  function draw(samples: number | null): void {
    if (target.value === null || model.value === null || lockedBecause.value !== null) return
    const asDrawn = samples === null ? null : (run.value?.request ?? null)
    const request: RunRequest = {
      target: target.value,
      modelId: model.value.id,
      samples: samples ?? settings.samples,
      seed: asDrawn?.seed ?? settings.seed,
      ...(asDrawn === null ? settings.draws : drawsOf(asDrawn)),
    }
    void runs.start({ ...request, target: lesions.cropOf(request) ?? target.value })
  }

  watch(
    () => model.value?.id,
    (id, before) => {
      if (id !== undefined && shownOf(before).run !== null) draw(null)
    },
  )
  const followLesion = useFollowing({ target, model, run, lesion, comparison, lockedBecause })
  watch(run, (now, before) => {
    if (now?.key !== before?.key) view.highlightSample.value = null
  })

  const copied = useCopiedRun(run, comparison.run)
  const spread: SpreadOfTarget = { run, model, models, comparison, draw, lockedBecause, target, view, copied }
  return {
    run,
    models,
    model,
    insteadOf: computed(() => inUse.value.insteadOf),
    choose: (id) => {
      if (reads.value !== null) settings.choose(reads.value, id, model.value?.id ?? null)
    },
    comparison,
    ...{ lesion, otherLesion: computed(() => shown.value.otherLesion) },
    ...{ followLesion, lockedBecause, draw, copied: copied.copied },
    commands: spreadCommands(spread),
  }
}

/** Packages that fit the picture, and the one in use. */
function useModelsOf(modality: ComputedRef<string>) {
  const settings = useRunSettings()
  const program = useProgram()
  const reads = computed(() => modelModality(modality.value))
  const models = computed(() => (reads.value === null ? [] : modelsFor(program.models ?? [], reads.value)))
  const inUse = computed(() =>
    modelInUse(
      program.models ?? [],
      models.value,
      reads.value === null ? null : (settings.chosen.get(reads.value) ?? null),
    ),
  )
  return { reads, models, inUse, model: computed(() => inUse.value.model) }
}

/** Follows a lesion when it is asked to, and by itself: the clicked slice first, once its samples stand the others. */
function useFollowing({
  target,
  model,
  run,
  lesion,
  comparison,
  lockedBecause,
}: Pick<RunOfTarget, 'model' | 'run' | 'lesion' | 'comparison' | 'lockedBecause'> &
  Pick<SpreadOfTarget, 'target'>): () => void {
  const lesions = useLesions()
  const runs = useRuns()
  const settings = useRunSettings()
  const follow = (): void => {
    const request = run.value?.request ?? lesion.value?.request
    if (request === undefined || target.value?.kind !== 'series' || lockedBecause.value !== null) return
    // From where it was clicked, also when another model or count is chosen at its edge.
    void lesions.follow({ ...request, target: lesions.startAt(target.value) ?? target.value })
  }
  /** The run of the slice that is shown, else the one that was drawn here before the slice was left. */
  const begun = computed(() => run.value ?? newestOfPlace(runs.runs, target.value, model.value?.id))
  watch(
    () =>
      begun.value?.phase === 'done' && followable(begun.value) && comparison.other.value === null
        ? begun.value.key
        : null,
    (key) => {
      if (key === null || !settings.followsLesions || lesion.value !== null) return
      if (run.value !== null) follow()
      else if (begun.value?.request.target.kind === 'series' && lockedBecause.value === null)
        void lesions.follow({ ...begun.value.request, target: begun.value.request.target })
    },
  )
  watch(
    lesion,
    (now) => {
      if (now !== null) lesions.show(now)
    },
    { immediate: true },
  )
  return follow
}

/** The newest run at the place of a target, on whichever slice it was drawn. */
function newestOfPlace(
  runs: ReadonlyMap<string, RunSnapshot>,
  target: RunTarget | null,
  modelId: string | undefined,
): RunSnapshot | null {
  if (target === null) return null
  const isHere = ({ request }: RunSnapshot): boolean =>
    request.modelId === modelId && keyOfLesion(request, request.target) === keyOfLesion(request, target)
  return [...runs.values()].findLast(isHere) ?? null
}

/** A lesion has slices and samples. */
const followable = (run: RunSnapshot): boolean =>
  run.request.target.kind === 'series' && !hasNoUncertainty(run)

interface SpreadOfTarget extends Pick<
  RunOfTarget,
  'run' | 'model' | 'models' | 'comparison' | 'draw' | 'lockedBecause'
> {
  readonly target: ComputedRef<RunTarget | null>
  readonly view: ViewSettings
  readonly copied: ReturnType<typeof useCopiedRun>
}

/** What is shown of a target, and the lesions followed there. */
interface Shown {
  readonly run: RunSnapshot | null
  readonly lesion: LesionSnapshot | null
  readonly otherLesion: LesionSnapshot | null
}

/**
 * The run of a target by a model that was drawn last, those of lesions there among them, and the lesion that was
 * followed as it was drawn: where that lesion has a run on the slice, it is the one, so that a slice of a lesion has one
 * set of figures. On a slice without a run: the newest lesion.
 */
function shownAt(
  runs: ReadonlyMap<string, RunSnapshot>,
  target: RunTarget | null,
  modelId: string | undefined,
  followed: readonly LesionSnapshot[],
): Shown {
  if (target === null || modelId === undefined) return { run: null, lesion: null, otherLesion: null }
  const newestLesion = followed.at(-1) ?? null
  const keys = followed.map((lesion) => runKeyOn(lesion, target))
  const isOf = ({ key, request }: RunSnapshot): boolean =>
    request.modelId === modelId && (keys.includes(key) || sameTarget(request, target))
  const newest = [...runs.values()].findLast(isOf)
  if (newest === undefined) return { run: null, lesion: newestLesion, otherLesion: null }
  const lesion = followed.findLast(({ key }) => key === keyOfLesion(newest.request, target)) ?? null
  const ofLesion = lesion === null ? undefined : runs.get(runKeyOn(lesion, target) ?? '')
  return { run: ofLesion ?? newest, lesion, otherLesion: lesion === null ? newestLesion : null }
}

/** The run with its report as the lesion's: sizes of what is no nodule are not calibrated. */
function ofLesion({ run, lesion }: Shown): RunSnapshot | null {
  if (run?.report == null || lesion?.report == null) return run
  const report = sliceOfLesion(run.report, lesion.report)
  return report === run.report ? run : { ...run, report }
}

/** The key of the run that a lesion has on a target's slice: its crop lies where the lesion lies there. */
const runKeyOn = ({ runKeys }: LesionSnapshot, target: RunTarget): string | undefined =>
  target.kind === 'series' ? runKeys.get(target.sliceIndex) : undefined

const keyOfLesion = (request: RunRequest, target: RunTarget): string | null =>
  target.kind === 'series' ? lesionKey({ ...request, target }) : null

const drawsOf = ({ draws }: RunRequest): Pick<RunRequest, 'draws'> => (draws === undefined ? {} : { draws })

const sameTarget = (request: RunRequest, target: RunTarget): boolean =>
  runKey({ ...request, target }) === runKey(request)

const isEmpty = (mask: Uint8Array | undefined): boolean => mask?.every((byte) => byte === 0) ?? true

function spreadCommands(spread: SpreadOfTarget): CommandAnswers {
  const { run, model, models, comparison, draw, lockedBecause, target, view, copied } = spread
  const locked = (): string | null =>
    lockedBecause.value ?? (target.value === null ? 'nothing is chosen' : null)
  const noSamples = (): string | null => (run.value?.record == null ? 'no samples here yet' : null)
  const oneOutline = (): string | null =>
    model.value?.manifest != null && drawsOneOutline(model.value.manifest)
      ? 'this model draws one outline'
      : null
  const noStep = (): string | null =>
    comparison.other.value === null ? (oneOutline() ?? noSamples()) : 'two models are compared'
  const others = (): readonly InstalledModel[] => models.value.filter(({ id }) => id !== model.value?.id)
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
      lockedBecause: () => locked() ?? oneOutline() ?? noSamples(),
    },
    'sample-next': {
      run: () => {
        step(1)
      },
      lockedBecause: noStep,
    },
    'sample-previous': {
      run: () => {
        step(-1)
      },
      lockedBecause: noStep,
    },
    'copy-command': { run: () => void copied.copy(), lockedBecause: noSamples },
    'compare-models': {
      run: () => {
        comparison.compareWith(comparison.other.value === null ? (others()[0]?.id ?? null) : null)
      },
      lockedBecause: () =>
        lockedBecause.value ?? (others().length === 0 ? 'no second model fits this picture' : null),
    },
  }
}
