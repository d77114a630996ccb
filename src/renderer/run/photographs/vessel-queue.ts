import { defineStore } from 'pinia'
import { computed, ref, shallowRef, watch } from 'vue'
import {
  type ImageSummary,
  type PhotographRow,
  type PhotographRun,
  type Refusal,
  type Result,
  RunLine,
  type RunRequest,
} from '../../../contract'
import { drawnRow, failedRow } from '../../../core/exchange/bundle/photograph-table'
import { imageSubject } from '../../../core/subject/subject'
import { kindOf } from '../../../core/subject/subject-kinds'
import { useBackgroundWork } from '../../wire/background-work'
import { postLines } from '../../wire/http'
import { useProgram } from '../../wire/program'
import { useWithheld } from '../../wire/withheld'
import { modelInUse } from '../models/model-words'
import { useRunSettings } from '../run-settings'
import { modelsFor } from '../run-words'
import { useRuns } from '../runs'
import { keepRun, type KeptRun } from './kept-runs'
import { startPacking } from './packed-lines'
import type { DrawnNow } from './queue-words'

/** What every photograph of the queue is asked with. */
type QueueRequest = Omit<RunRequest, 'target' | 'evenBlack'>

/** Nothing answers, or nobody is in: the others would fail alike. */
const ENDS_ALL: ReadonlySet<Refusal['code']> = new Set(['no-answer', 'signed-out', 'cancelled'])

/** What became of one photograph. */
interface Ended {
  readonly row: PhotographRow
  readonly run: PhotographRun | null
  readonly packed: Blob | null
}

/**
 * The vessels of many photographs, one after another, whatever view is open. What was drawn is kept packed, so that a
 * photograph that is opened shows it at once; a run that a person draws meanwhile goes first.
 */
export const useVesselQueue = defineStore('vessel-queue', () => {
  const drawn = drawnSoFar()
  const phase = ref<'idle' | 'running' | 'stopped' | 'done'>('idle')
  const current = shallowRef<DrawnNow | null>(null)
  /** Photographs that were asked for. */
  const total = ref(0)
  const refusal = shallowRef<Refusal | null>(null)
  const { model, request } = useNextRequest()
  let control = new AbortController()

  const ended = computed(() => drawn.rows.value.size + drawn.leftOut.value.size)
  const background = useBackgroundWork()
  watch([phase, ended, total], () => {
    background.work =
      phase.value === 'running' ? { title: 'Vessels', done: ended.value, total: total.value } : null
  })

  /** Draws those that were not drawn so yet. Ends when all are, or when it is stopped. */
  async function draw(images: readonly ImageSummary[]): Promise<void> {
    const asked = request.value
    if (asked === null) return
    stop()
    const { signal } = (control = new AbortController())
    drawn.begin(asked, images)
    total.value = images.length
    ;[phase.value, refusal.value] = ['running', null]
    for (const image of images) {
      if (drawn.rows.value.get(image.imageId)?.state === 'done' || !(await drawn.isGiven(image))) continue
      await untilFree(signal)
      const one = signal.aborted ? null : await drawOne(image, asked, signal, showDrawn)
      if (one !== null) await drawn.lookAgain(image)
      if (one === null || signal.aborted) return
      if (one.row.refusal !== null && ENDS_ALL.has(one.row.refusal.code)) {
        refusal.value = one.row.refusal
        stop()
        return
      }
      drawn.take(image, asked, one)
    }
    if (signal.aborted) return
    ;[current.value, phase.value] = [null, 'done']
  }

  function showDrawn(image: ImageSummary, count: number): void {
    current.value = { image, drawn: count }
  }

  /** What was drawn stays. */
  function stop(): void {
    control.abort()
    current.value = null
    if (phase.value === 'running') phase.value = 'stopped'
  }

  return {
    ...{ rows: drawn.rows, leftOut: drawn.leftOut, run: drawn.run },
    ...{ phase, current, total, ended, refusal, model },
    ...{
      samples: computed(() => request.value?.samples ?? 0),
      seed: computed(() => request.value?.seed ?? 0),
    },
    keptOf: (imageId: string): KeptRun | null => drawn.kept.value.get(imageId) ?? null,
    draw,
    stop,
  }
})

/** What became of the photographs of a queue; forgotten when they are asked for otherwise. */
function drawnSoFar() {
  const rows = shallowRef<ReadonlyMap<string, PhotographRow>>(new Map())
  const kept = shallowRef<ReadonlyMap<string, KeptRun>>(new Map())
  /** To be read by this reader first: left out, whatever was asked. */
  const leftOut = shallowRef<ReadonlySet<string>>(new Set())
  const run = shallowRef<PhotographRun | null>(null)
  const withheld = useWithheld()
  let drawnWith = ''
  return {
    ...{ rows, kept, leftOut, run },
    begin: (asked: QueueRequest, images: readonly ImageSummary[]): void => {
      const openIds = new Set(images.map(({ imageId }) => imageId))
      const isSame = drawnWith === JSON.stringify(asked)
      drawnWith = JSON.stringify(asked)
      const stays = ([id, row]: readonly [string, PhotographRow]): boolean =>
        isSame && openIds.has(id) && row.state === 'done'
      rows.value = new Map([...rows.value].filter(stays))
      if (!isSame) [kept.value, run.value] = [new Map(), null]
      leftOut.value = new Set()
    },
    /** What is withheld from this reader now is not asked for: asking would be refused, and is no failure. */
    isGiven: async ({ imageId }: ImageSummary): Promise<boolean> => {
      const subject = imageSubject(imageId)
      await withheld.load(subject)
      if (withheld.of(subject) === null) return true
      leftOut.value = new Set(leftOut.value).add(imageId)
      return false
    },
    /** Whether it counts as shown now is known by who keeps the log. */
    lookAgain: ({ imageId }: ImageSummary) => withheld.load(imageSubject(imageId)),
    take: ({ imageId }: ImageSummary, asked: QueueRequest, one: Ended): void => {
      rows.value = new Map(rows.value).set(imageId, one.row)
      run.value ??= one.run
      if (one.packed === null) return
      const request: RunRequest = { ...asked, target: { kind: 'image', imageId } }
      kept.value = keepRun(kept.value, imageId, { request, packed: one.packed })
    },
  }
}

/** The model in use for photographs, and what its next run is asked with. */
function useNextRequest() {
  const program = useProgram()
  const settings = useRunSettings()
  const { modality } = kindOf({ kind: 'image' })
  const model = computed(() => {
    const models = program.models ?? []
    return modelInUse(models, modelsFor(models, modality), settings.chosen.get(modality) ?? null).model
  })
  const request = computed<QueueRequest | null>(() =>
    model.value === null
      ? null
      : {
          modelId: model.value.id,
          samples: settings.samples,
          seed: settings.seed,
          ...settings.draws,
        },
  )
  return { model, request }
}

/** Whoever sits before the page is not kept waiting by what runs behind it. */
function untilFree(signal: AbortSignal): Promise<void> {
  const runs = useRuns()
  return new Promise((free) => {
    const unwatch = watch(
      () => runs.running === null,
      (isFree) => {
        if (isFree) end()
      },
    )
    function end(): void {
      unwatch()
      signal.removeEventListener('abort', end)
      free()
    }
    signal.addEventListener('abort', end)
    if (runs.running === null || signal.aborted) end()
  })
}

const NO_RESULT: Refusal = { code: 'inference-failed', reason: 'The run ended without a result.' }

/** One run from its first line to its last. */
async function drawOne(
  image: ImageSummary,
  asked: QueueRequest,
  signal: AbortSignal,
  onDrawn: (image: ImageSummary, drawn: number) => void,
): Promise<Ended> {
  onDrawn(image, 0)
  const packer = startPacking()
  const failed = (refusal: Refusal): Ended => {
    packer.drop()
    return { row: failedRow(image, refusal), run: null, packed: null }
  }
  let run: PhotographRun | null = null
  const request: RunRequest = { ...asked, target: { kind: 'image', imageId: image.imageId } }
  for await (const answer of postLines('runs', request, RunLine, signal)) {
    const line = lineOf(answer)
    if (line.kind === 'refused') return failed(line.refusal)
    await packer.add(line)
    if (line.kind === 'started') run = line.run
    if (line.kind === 'samples') onDrawn(image, line.firstIndex + line.count)
    if (line.kind === 'done') return { row: drawnRow(image, line.report), run, packed: await packer.packed() }
  }
  return failed(NO_RESULT)
}

const lineOf = (answer: Result<RunLine>): RunLine =>
  answer.ok ? answer.value : { kind: 'refused', refusal: answer.refusal }
