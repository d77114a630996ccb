import { computed, type ComputedRef, onMounted, onUnmounted, ref, type Ref, shallowRef } from 'vue'
import {
  type Measurement,
  MeasurementEntry,
  MeasurementJournal,
  type NewMeasurementEntry,
  type Refusal,
  type Result,
  type Subject,
} from '../../contract'
import { lastToUndo, standing, undoing } from '../../core/measurement/journal'
import { getJson, postJson } from '../wire/http'
import { useProblems } from '../wire/problems'
import { queryOfSubject } from '../wire/subject-query'

/** How soon a step that was not answered is sent again. */
const AGAIN_MS = 2_000

/** The measurements of whoever reads here, on one subject. */
export interface Measurements {
  readonly list: ComputedRef<readonly Measurement[]>
  /** Why there are none to see and none are taken; null: they are kept. */
  readonly refusal: Ref<Refusal | null>
  readonly isLoaded: Ref<boolean>
  /** Steps that are not on disk yet. */
  readonly unsent: Ref<number>
  readonly put: (measurement: Measurement) => void
  readonly remove: (measurementId: string) => void
  readonly undo: () => void
  readonly canUndo: ComputedRef<boolean>
}

type Step = Pick<MeasurementEntry, 'measurementId' | 'state' | 'undoes'>

/**
 * Steps show at once and are sent one after another; one that is not answered is sent again until it is on disk, one that
 * is refused is taken back and said.
 */
export function useMeasurements(subject: Subject): Measurements {
  const problems = useProblems()
  const entries = shallowRef<readonly MeasurementEntry[]>([])
  const refusal = shallowRef<Refusal | null>(null)
  const isLoaded = ref(false)
  const unsent = ref(0)
  let sending: Promise<void> = Promise.resolve()
  let isClosed = false

  async function load(): Promise<void> {
    const answer = await getJson(`measurements?${queryOfSubject(subject)}`, MeasurementJournal)
    if (answer.ok) entries.value = answer.value.entries
    else refusal.value = answer.refusal
    isLoaded.value = answer.ok
  }

  /** The numbers of steps that are not sent yet are their places in the list: the program gives the same. */
  function take(step: Step): void {
    if (!isLoaded.value) return
    const entryId = crypto.randomUUID()
    const at = new Date(0).toISOString()
    const number = (entries.value.at(-1)?.number ?? 0) + 1
    entries.value = [...entries.value, { ...step, entryId, number, at }]
    unsent.value += 1
    sending = sending.then(() => send({ ...step, entryId, subject }))
  }

  async function send(entry: NewMeasurementEntry): Promise<void> {
    const answer = await sentUntilAnswered(entry, () => isClosed)
    unsent.value -= 1
    if (answer.ok) {
      const sent = answer.value
      entries.value = entries.value.map((one) => (one.entryId === sent.entryId ? sent : one))
      return
    }
    problems.addRefusal(`measurement/${entry.entryId}`, 'A measurement is not kept', answer.refusal)
    await load()
  }

  onMounted(() => void load())
  onUnmounted(() => {
    isClosed = true
  })
  const last = computed(() => lastToUndo(entries.value))
  return {
    ...{ refusal, isLoaded, unsent },
    list: computed(() => standing(entries.value)),
    put: (measurement) => {
      take({ measurementId: measurement.measurementId, state: measurement, undoes: null })
    },
    remove: (measurementId) => {
      take({ measurementId, state: null, undoes: null })
    },
    undo: () => {
      if (last.value !== null) take(undoing(entries.value, last.value))
    },
    canUndo: computed(() => last.value !== null),
  }
}

/** The answer of the program; while there is none, asked again. */
async function sentUntilAnswered(
  entry: NewMeasurementEntry,
  isClosed: () => boolean,
): Promise<Result<MeasurementEntry>> {
  for (;;) {
    const answer = await postJson('measurements', entry, MeasurementEntry)
    if (answer.ok || answer.refusal.code !== 'no-answer' || isClosed()) return answer
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
  }
}
