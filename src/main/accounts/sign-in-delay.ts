/**
 * How long a try to sign in is held before its password is looked at, after wrong ones: by the name (from wherever the
 * wrong ones came) and by the address (whatever the names were), apart. Held, not refused: whoever knows the password is
 * in after ten seconds at most, however others guess. The tries of one name at one place go one after another, so that
 * a thousand at once are no way around; only those are refused that come while several of their own are held already.
 */
interface Rule {
  /** Wrong passwords that cost no time: people mistype. */
  readonly free: number
  readonly mostMs: number
}

/** One name, from wherever; one place, where many may sit behind it. */
const NAME: Rule = { free: 5, mostMs: 10_000 }
const ADDRESS: Rule = { free: 20, mostMs: 10_000 }
const FIRST_MS = 1_000
const FORGOTTEN_MS = 3_600_000
/** Tries of one name at one place that are held at a time: a person has one, and perhaps a second tab. */
const MOST_HELD = 3
/** Of each kind; the oldest go. */
const MOST_KEPT = 10_000

interface Wrong {
  readonly count: number
  readonly lastMs: number
}

/** Counts of wrong passwords by key, bounded. */
class WrongPasswords {
  readonly #rule: Rule
  readonly #wrong = new Map<string, Wrong>()

  constructor(rule: Rule) {
    this.#rule = rule
  }

  /** How long each try of this key is held now. */
  delayMs(key: string, nowMs: number): number {
    const count = this.#count(key, nowMs)
    if (count < this.#rule.free) return 0
    return Math.min(FIRST_MS * 2 ** (count - this.#rule.free), this.#rule.mostMs)
  }

  add(key: string, nowMs: number): void {
    const count = this.#count(key, nowMs) + 1
    this.#wrong.delete(key)
    this.#wrong.set(key, { count, lastMs: nowMs })
    keepNewest(this.#wrong)
  }

  takeBack(key: string): void {
    const wrong = this.#wrong.get(key)
    if (wrong !== undefined) this.#wrong.set(key, { ...wrong, count: Math.max(0, wrong.count - 1) })
  }

  #count(key: string, nowMs: number): number {
    const wrong = this.#wrong.get(key)
    return wrong === undefined || nowMs - wrong.lastMs > FORGOTTEN_MS ? 0 : wrong.count
  }
}

function keepNewest(kept: Map<string, unknown>): void {
  const oldest = kept.size > MOST_KEPT ? kept.keys().next() : null
  if (oldest !== null && oldest.done !== true) kept.delete(oldest.value)
}

/** The tries of one name at one place: how many are held, and when the last of them is looked at. */
interface Lane {
  readonly held: number
  readonly lastMs: number
}

export class SignInDelay {
  readonly #addresses = new WrongPasswords(ADDRESS)
  readonly #names = new WrongPasswords(NAME)
  readonly #lanes = new Map<string, Lane>()
  /** Where a name was right before: guesses from elsewhere do not make these wait. */
  readonly #known = new Map<string, true>()

  /**
   * Takes a place in the lane and says how long to wait there; null: too many of this name are held at this place. Every
   * try counts as wrong until it proves right, so that a thousand at once are not free.
   */
  take(name: string, address: string, nowMs: number): number | null {
    const pair = pairOf(name, address)
    const lane = this.#lanes.get(pair) ?? { held: 0, lastMs: -Infinity }
    if (lane.held >= MOST_HELD) return null
    const byName = this.#known.has(pair) ? 0 : this.#names.delayMs(name, nowMs)
    const delayMs = Math.max(byName, this.#addresses.delayMs(address, nowMs))
    const atMs = Math.max(nowMs, lane.held === 0 ? nowMs : lane.lastMs) + delayMs
    this.#lanes.set(pair, { held: lane.held + 1, lastMs: atMs })
    this.#names.add(name, nowMs)
    this.#addresses.add(address, nowMs)
    return atMs - nowMs
  }

  /** The try was looked at, or given up. */
  leave(name: string, address: string): void {
    const pair = pairOf(name, address)
    const lane = this.#lanes.get(pair)
    if (lane === undefined || lane.held <= 1) this.#lanes.delete(pair)
    else this.#lanes.set(pair, { ...lane, held: lane.held - 1 })
  }

  right(name: string, address: string): void {
    // Not cleared: one who may sign in must not make the guessing of others free.
    this.#addresses.takeBack(address)
    this.#names.takeBack(name)
    const pair = pairOf(name, address)
    this.#known.delete(pair)
    this.#known.set(pair, true)
    keepNewest(this.#known)
  }
}

const pairOf = (name: string, address: string): string => `${address} ${name}`
