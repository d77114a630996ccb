import type { Refusal, Result } from '../../contract'

/** Refusals that a later try may get past: the store or the connection, not what is sent, is at fault. */
const PASSING = new Set<Refusal['code']>([
  'workspace-failed',
  'no-answer',
  'internal',
  'signed-out',
  // Started again, the program has not read yet what is open.
  'not-found',
  'limit-reached',
  'cancelled',
])
const FIRST_RETRY_MS = 500
const LAST_RETRY_MS = 15_000

/**
 * Sends what waits in a journal of the page, one step after another. What cannot go now is tried again, later each
 * time; what is refused for itself stops it until it is started again.
 */
export class Sending {
  private lastRefusal: Refusal | null = null
  private running: Promise<void> | null = null
  private retry: ReturnType<typeof setTimeout> | null = null
  private retryMs = FIRST_RETRY_MS
  private closed = false

  /** `step` sends the first that waits, null where nothing does; `changed` hears that it went, or did not. */
  constructor(
    private readonly step: () => Promise<Result<unknown>> | null,
    private readonly changed: () => void,
  ) {}

  /** Why nothing goes at the moment; null: it goes, or nothing waits. */
  get trouble(): Refusal | null {
    return this.lastRefusal
  }

  start(): void {
    if (this.running !== null || this.retry !== null || this.closed) return
    this.running = this.all().finally(() => {
      this.running = null
    })
  }

  tryAgain(): void {
    if (this.retry !== null) clearTimeout(this.retry)
    this.retry = null
    this.start()
  }

  /** Fulfils when nothing waits any more, or sending has come to a stop. */
  async settled(): Promise<void> {
    while (this.running !== null) await this.running
  }

  close(): void {
    this.closed = true
    if (this.retry !== null) clearTimeout(this.retry)
  }

  private async all(): Promise<void> {
    for (let sent = this.step(); sent !== null; sent = this.closed ? null : this.step()) {
      const answer = await sent
      this.lastRefusal = answer.ok ? null : answer.refusal
      if (answer.ok) this.retryMs = FIRST_RETRY_MS
      else if (PASSING.has(answer.refusal.code)) this.wait()
      this.changed()
      if (!answer.ok) return
    }
  }

  private wait(): void {
    if (this.closed) return
    this.retry = setTimeout(() => {
      this.retry = null
      this.start()
    }, this.retryMs)
    this.retryMs = Math.min(LAST_RETRY_MS, 2 * this.retryMs)
  }
}
