/**
 * How long a name, an address, or both together must wait after wrong passwords. The wait doubles and is capped: never
 * so long that somebody who knows the password is locked out, always so long that guessing leads nowhere.
 */
interface Rule {
  /** Wrong passwords that cost no time: people mistype. */
  readonly free: number
  readonly mostMs: number
}

/** One person at one place; one place, where many may sit behind it; one name, from wherever. */
const PAIR: Rule = { free: 4, mostMs: 60_000 }
const ADDRESS: Rule = { free: 20, mostMs: 30_000 }
const NAME: Rule = { free: 10, mostMs: 10_000 }
const FIRST_MS = 1_000
const FORGOTTEN_MS = 3_600_000
/** Of each kind; the oldest go. */
const MOST_KEPT = 10_000

interface Wrong {
  readonly count: number
  readonly lastMs: number
  /** When the one before the last was, for when the last proves right. */
  readonly earlierMs: number
}

/** Counts of wrong passwords by key, bounded. */
class WrongPasswords {
  readonly #rule: Rule
  readonly #wrong = new Map<string, Wrong>()

  constructor(rule: Rule) {
    this.#rule = rule
  }

  waitMs(key: string, nowMs: number): number {
    const wrong = this.#current(key, nowMs)
    if (wrong === null || wrong.count < this.#rule.free) return 0
    const delayMs = Math.min(FIRST_MS * 2 ** (wrong.count - this.#rule.free), this.#rule.mostMs)
    return Math.max(0, wrong.lastMs + delayMs - nowMs)
  }

  add(key: string, nowMs: number): void {
    const before = this.#current(key, nowMs)
    this.#wrong.delete(key)
    this.#wrong.set(key, {
      count: (before?.count ?? 0) + 1,
      lastMs: nowMs,
      earlierMs: before?.lastMs ?? -Infinity,
    })
    const oldest = this.#wrong.size > MOST_KEPT ? this.#wrong.keys().next() : null
    if (oldest !== null && oldest.done !== true) this.#wrong.delete(oldest.value)
  }

  takeBack(key: string): void {
    const wrong = this.#wrong.get(key)
    if (wrong === undefined) return
    this.#wrong.set(key, { ...wrong, count: Math.max(0, wrong.count - 1), lastMs: wrong.earlierMs })
  }

  clear(key: string): void {
    this.#wrong.delete(key)
  }

  /** A clock that was set back must not make a wait longer than its cap. */
  #current(key: string, nowMs: number): Wrong | null {
    const wrong = this.#wrong.get(key)
    if (wrong === undefined || nowMs - wrong.lastMs > FORGOTTEN_MS) return null
    return wrong.lastMs > nowMs ? { ...wrong, lastMs: nowMs } : wrong
  }
}

export class SignInDelay {
  readonly #pairs = new WrongPasswords(PAIR)
  readonly #addresses = new WrongPasswords(ADDRESS)
  readonly #names = new WrongPasswords(NAME)
  /** Where a name was right before: guesses from elsewhere do not make these wait. */
  readonly #known = new Set<string>()

  /** How long to wait before the next try; 0: now. A try that comes too early is not looked at and adds nothing. */
  waitMs(name: string, address: string, nowMs: number): number {
    const pair = pairOf(name, address)
    return Math.max(
      this.#pairs.waitMs(pair, nowMs),
      this.#addresses.waitMs(address, nowMs),
      this.#known.has(pair) ? 0 : this.#names.waitMs(name, nowMs),
    )
  }

  /** Every try counts as wrong until it proves right, so that a thousand at once are not free. */
  begin(name: string, address: string, nowMs: number): void {
    this.#pairs.add(pairOf(name, address), nowMs)
    this.#addresses.add(address, nowMs)
    this.#names.add(name, nowMs)
  }

  right(name: string, address: string): void {
    const pair = pairOf(name, address)
    this.#pairs.clear(pair)
    // Not cleared: one who may sign in must not make the guessing of others free.
    this.#addresses.takeBack(address)
    this.#names.takeBack(name)
    this.#known.delete(pair)
    this.#known.add(pair)
    const oldest = this.#known.size > MOST_KEPT ? this.#known.keys().next() : null
    if (oldest !== null && oldest.done !== true) this.#known.delete(oldest.value)
  }
}

const pairOf = (name: string, address: string): string => `${address} ${name}`
