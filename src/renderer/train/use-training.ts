import { computed, onUnmounted, ref, shallowRef, type ComputedRef, type Ref } from 'vue'
import {
  Job,
  type JobAct,
  JobDetail,
  ModelVersion,
  type NewJob,
  type Refusal,
  type Result,
  SetCheck,
  type SetRequest,
  SetSummary,
  TrainingState,
  type VersionAct,
} from '../../contract'
import { getJson, postJson } from '../wire/http'

/** A job that changes by itself is looked at so often; progress comes about once a second. */
const LOOK_MS = 1_000

export interface ShownTraining {
  readonly state: Ref<TrainingState | null>
  readonly detail: Ref<JobDetail | null>
  readonly check: Ref<SetCheck | null>
  readonly refusal: Ref<Refusal | null>
  readonly isBusy: Ref<boolean>
  readonly job: ComputedRef<Job | null>
  readonly load: () => Promise<void>
  readonly choose: (jobId: string) => Promise<void>
  readonly tryOut: (request: SetRequest) => Promise<void>
  readonly freeze: (request: SetRequest) => Promise<boolean>
  readonly start: (request: NewJob) => Promise<void>
  readonly act: (jobId: string, act: JobAct['act']) => Promise<void>
  readonly change: (modelId: string, act: VersionAct) => Promise<void>
}

const isMoving = (job: Job): boolean => ['queued', 'training', 'judging'].includes(job.state)

/** Sets, jobs and versions as the program gives them, looked at again while a job is under way. */
export function useTraining(onModels: () => void): ShownTraining {
  const state = shallowRef<TrainingState | null>(null)
  const detail = shallowRef<JobDetail | null>(null)
  const check = shallowRef<SetCheck | null>(null)
  const refusal = shallowRef<Refusal | null>(null)
  const isBusy = ref(false)
  const chosen = ref<string | null>(null)
  const job = computed(() => detail.value?.job ?? null)
  let timer: number | null = null

  function take<T>(answer: Result<T>): T | null {
    refusal.value = answer.ok ? null : answer.refusal
    return answer.ok ? answer.value : null
  }

  async function load(): Promise<void> {
    const found = take(await getJson('training', TrainingState))
    if (found === null) return
    state.value = found
    const shown = found.jobs.find(({ jobId }) => jobId === chosen.value) ?? found.jobs[0]
    detail.value = shown === undefined ? null : take(await getJson(`training/jobs/${shown.jobId}`, JobDetail))
    look(found.jobs.some(isMoving))
  }

  function look(again: boolean): void {
    if (timer !== null) window.clearTimeout(timer)
    timer = again ? window.setTimeout(() => void load(), LOOK_MS) : null
  }
  onUnmounted(() => {
    look(false)
  })

  async function busy<T>(work: () => Promise<Result<T>>): Promise<T | null> {
    isBusy.value = true
    const done = await work()
    isBusy.value = false
    // What was refused stays said; what was done is looked at.
    if (done.ok) await load()
    return take(done)
  }

  const made = { state, detail, check, refusal, isBusy, job, load }
  return { ...made, ...actsOf({ ...made, busy, chosen, onModels }) }
}

interface Busy {
  readonly busy: <T>(work: () => Promise<Result<T>>) => Promise<T | null>
  readonly chosen: Ref<string | null>
  readonly check: Ref<SetCheck | null>
  readonly load: () => Promise<void>
  readonly onModels: () => void
}

type Acts = Pick<ShownTraining, 'choose' | 'tryOut' | 'freeze' | 'start' | 'act' | 'change'>

const actsOf = ({ busy, chosen, check, load, onModels }: Busy): Acts => ({
  choose: async (jobId) => {
    chosen.value = jobId
    await load()
  },
  tryOut: async (request) => {
    check.value = await busy(() => postJson('training/sets/check', request, SetCheck))
  },
  freeze: async (request) => {
    const made = await busy(() => postJson('training/sets', request, SetSummary))
    if (made !== null) check.value = null
    return made !== null
  },
  start: async (request) => {
    const made = await busy(() => postJson('training/jobs', request, Job))
    if (made === null) return
    chosen.value = made.jobId
    await load()
  },
  act: async (jobId, act) => {
    await busy(() => postJson(`training/jobs/${jobId}`, { act }, Job))
    if (act === 'discard') onModels()
  },
  change: async (modelId, act) => {
    await busy(() => postJson(`training/versions/${modelId}`, act, ModelVersion))
    onModels()
  },
})
