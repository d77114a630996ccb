import type {
  MeasurementEntry,
  MeasurementJournal,
  NewMeasurementEntry,
  Refusal,
  Result,
  Subject,
} from '../../contract'
import { formatPlural } from '../../core/words/numbers'
import { Sending } from '../wire/sending'
import { queryOfSubject } from '../wire/subject-query'
import type { PageJournal } from '../wire/unsent-journals'

/** How the journal reaches the store; the page gives HTTP. */
export interface MeasuredWire {
  readonly entries: (subject: Subject) => Promise<Result<MeasurementJournal>>
  readonly append: (entry: NewMeasurementEntry) => Promise<Result<MeasurementEntry>>
}

/** What the page shows of the measurements of an image. */
export interface MeasuredState {
  readonly entries: readonly MeasurementEntry[]
  /** Whether what was measured before is known: nothing is taken before. */
  readonly isLoaded: boolean
  /** Steps that the store has not acknowledged yet. */
  readonly unsent: number
  /** Why steps do not reach the store at the moment, or what was measured before is not given. */
  readonly trouble: Refusal | null
}

export type MeasuredStep = Pick<MeasurementEntry, 'measurementId' | 'state' | 'undoes'>

/** The time of a step is the store's: until then it has none that is shown. */
const NOT_YET = new Date(0).toISOString()

export const measuredJournalId = (subject: Subject): string => `measurements/${queryOfSubject(subject)}`

/**
 * Measurements of one image in the page. A step shows at once and is sent at once; it counts as kept when the store has
 * acknowledged it, and stays here until then. One that is refused for itself is taken back, and `refused` hears of it.
 */
export class MeasuredJournal implements PageJournal {
  readonly journalId: string
  readonly backWords = 'Go back to the image to save a copy.'
  private acknowledged: readonly MeasurementEntry[] = []
  /** Not acknowledged, in order; the number of each is the one that it will have. */
  private unsent: readonly MeasurementEntry[] = []
  private isLoaded = false
  /** Whether the store may hold what is not known here. */
  private isStale = true
  private changed: (state: MeasuredState) => void = () => undefined
  private readonly sending = new Sending(
    () => this.sendFirst(),
    () => {
      this.changed(this.state())
    },
  )

  constructor(
    private readonly subject: Subject,
    private readonly wire: MeasuredWire,
    private readonly refused: (entryId: string, refusal: Refusal) => void,
  ) {
    this.journalId = measuredJournalId(subject)
  }

  state(): MeasuredState {
    const { isLoaded, sending } = this
    const entries = [...this.acknowledged, ...this.unsent]
    return { entries, isLoaded, unsent: this.unsent.length, trouble: sending.trouble }
  }

  /** Asks what the store holds, and then sends what waits here. */
  load(): void {
    this.isStale = true
    this.sending.tryAgain()
  }

  take(step: MeasuredStep): void {
    if (!this.isLoaded) return
    const number = (this.unsent.at(-1) ?? this.acknowledged.at(-1))?.number ?? 0
    const entry = { ...step, entryId: crypto.randomUUID(), number: number + 1, at: NOT_YET }
    this.unsent = [...this.unsent, entry]
    this.changed(this.state())
    this.sending.start()
  }

  tryAgain(): void {
    this.sending.tryAgain()
  }

  /** Everything measured here, to be kept as a file where the store cannot take it. */
  copy(): string {
    return JSON.stringify({ subject: this.subject, entries: this.state().entries })
  }

  leftWords(unsent: number): string {
    return `${formatPlural(unsent, 'step')} of measuring on an image that you left ${unsent === 1 ? 'is' : 'are'} not on disk yet`
  }

  tellTo(changed: (state: MeasuredState) => void): void {
    this.changed = changed
    changed(this.state())
  }

  close(): void {
    this.changed = () => undefined
    this.sending.close()
  }

  private sendFirst(): Promise<Result<unknown>> | null {
    if (this.isStale) return this.ask()
    const [first] = this.unsent
    return first === undefined ? null : this.send(first)
  }

  private async ask(): Promise<Result<unknown>> {
    const answer = await this.wire.entries(this.subject)
    if (answer.ok) {
      const { entries } = answer.value
      const known = new Set(entries.map(({ entryId }) => entryId))
      const waiting = this.unsent.filter(({ entryId }) => !known.has(entryId))
      this.unsent = renumbered(waiting, this.unsent, entries)
      this.acknowledged = entries
      this.isLoaded = true
      this.isStale = false
    } else if (answer.refusal.code === 'blind') {
      this.acknowledged = []
      this.isLoaded = false
    }
    return answer
  }

  private async send(entry: MeasurementEntry): Promise<Result<unknown>> {
    const { entryId, measurementId, state, undoes } = entry
    const answer = await this.wire.append({ entryId, measurementId, state, undoes, subject: this.subject })
    if (answer.ok) {
      this.unsent = this.unsent.slice(1)
      this.acknowledged = [...this.acknowledged, answer.value]
      // Another window measured here meanwhile.
      this.isStale = answer.value.number !== entry.number
    } else if (answer.refusal.code === 'request-invalid') {
      this.unsent = this.unsent.slice(1)
      this.isStale = true
      this.refused(entryId, answer.refusal)
      return { ok: true, value: null }
    }
    return answer
  }
}

/** Waiting steps with the numbers that they will have after `entries`, and what they take back with its number there. */
function renumbered(
  waiting: readonly MeasurementEntry[],
  before: readonly MeasurementEntry[],
  entries: readonly MeasurementEntry[],
): readonly MeasurementEntry[] {
  const last = entries.at(-1)?.number ?? 0
  const places = new Map([
    ...entries.map(({ entryId, number }) => [entryId, number] as const),
    ...waiting.map(({ entryId }, index) => [entryId, last + 1 + index] as const),
  ])
  const moved = new Map(before.map(({ entryId, number }) => [number, places.get(entryId) ?? number]))
  return waiting.map((one) => ({
    ...one,
    number: places.get(one.entryId) ?? one.number,
    undoes: one.undoes === null ? null : (moved.get(one.undoes) ?? one.undoes),
  }))
}
