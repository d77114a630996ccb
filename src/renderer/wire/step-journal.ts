import type { Refusal, Result, Subject } from '../../contract'
import type { Step } from '../../core/subject/step-journal'
import { Sending } from './sending'
import type { PageJournal } from './unsent-journals'

/** A step as the store keeps it. */
export interface KeptStep extends Step<unknown> {
  readonly entryId: string
  readonly at: string
}

/** What a step says before it has an id, a number and a time. */
export type Taken<Entry> = Omit<Entry, 'entryId' | 'number' | 'at'>

/** What goes to the store: the number and the time are its own. */
export type Sent<Entry> = Taken<Entry> & { readonly entryId: string }

/** How the journal reaches the store; the page gives HTTP. */
export interface StepWire<Entry extends KeptStep> {
  readonly entries: (subject: Subject) => Promise<Result<{ readonly entries: readonly Entry[] }>>
  readonly append: (entry: Sent<Entry> & { readonly subject: Subject }) => Promise<Result<Entry>>
}

/** What is laid, where a journal tells of it. */
export interface StepWords {
  readonly journalId: string
  /** What is not on disk yet once its view is left, as a title. */
  readonly leftWords: (unsent: number) => string
  readonly backWords: string
}

/** What the page shows of what was laid on an image. */
export interface StepState<Entry> {
  readonly entries: readonly Entry[]
  /** Whether what was laid before is known. */
  readonly isLoaded: boolean
  /** Steps that the store has not acknowledged yet. */
  readonly unsent: number
  /** Why steps do not reach the store at the moment, or what was laid before is not given. */
  readonly trouble: Refusal | null
}

/** The time of a step is the store's: until then it has none that is shown. */
const NOT_YET = new Date(0).toISOString()

/**
 * What a person lays on one image, in the page. A step shows at once and is sent at once; it counts as kept when the store
 * has acknowledged it, and stays here until then. One that is refused for itself is taken back, and `refused` hears of it.
 */
export class StepJournal<Entry extends KeptStep> implements PageJournal {
  readonly journalId: string
  readonly leftWords: (unsent: number) => string
  readonly backWords: string
  private acknowledged: readonly Entry[] = []
  /** Not acknowledged, in order; the number of each is the one that it will have. */
  private unsent: readonly Entry[] = []
  private isLoaded = false
  /** Whether the store may hold what is not known here. */
  private isStale = true
  private changed: (state: StepState<Entry>) => void = () => undefined
  private readonly sending = new Sending(
    () => this.sendFirst(),
    () => {
      this.changed(this.state())
    },
  )

  constructor(
    private readonly subject: Subject,
    words: StepWords,
    private readonly wire: StepWire<Entry>,
    private readonly sent: (entry: Entry) => Sent<Entry>,
    private readonly refused: (entryId: string, refusal: Refusal) => void,
  ) {
    this.journalId = words.journalId
    this.leftWords = words.leftWords
    this.backWords = words.backWords
  }

  state(): StepState<Entry> {
    const { isLoaded, sending } = this
    const entries = [...this.acknowledged, ...this.unsent]
    return { entries, isLoaded, unsent: this.unsent.length, trouble: sending.trouble }
  }

  /** Asks what the store holds, and then sends what waits here. */
  load(): void {
    this.isStale = true
    this.sending.tryAgain()
  }

  take(step: Taken<Entry>): void {
    const number = (this.unsent.at(-1) ?? this.acknowledged.at(-1))?.number ?? 0
    // Taken<Entry> is Entry without these three, which TypeScript does not see of a type that is not known.
    const entry = { ...step, entryId: crypto.randomUUID(), number: number + 1, at: NOT_YET } as Entry
    this.unsent = [...this.unsent, entry]
    this.changed(this.state())
    this.sending.start()
  }

  tryAgain(): void {
    this.sending.tryAgain()
  }

  /** Everything laid here, to be kept as a file where the store cannot take it. */
  copy(): string {
    return JSON.stringify({ subject: this.subject, entries: this.state().entries })
  }

  tellTo(changed: (state: StepState<Entry>) => void): void {
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

  private async send(entry: Entry): Promise<Result<unknown>> {
    const answer = await this.wire.append({ ...this.sent(entry), subject: this.subject })
    if (answer.ok) {
      this.unsent = this.unsent.slice(1)
      this.acknowledged = [...this.acknowledged, answer.value]
      // Another window laid something here meanwhile.
      this.isStale = answer.value.number !== entry.number
    } else if (answer.refusal.code === 'request-invalid') {
      this.unsent = this.unsent.slice(1)
      this.isStale = true
      this.refused(entry.entryId, answer.refusal)
      return { ok: true, value: null }
    }
    return answer
  }
}

/** Waiting steps with the numbers that they will have after `entries`, and what they take back with its number there. */
function renumbered<Entry extends KeptStep>(
  waiting: readonly Entry[],
  before: readonly Entry[],
  entries: readonly Entry[],
): readonly Entry[] {
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
