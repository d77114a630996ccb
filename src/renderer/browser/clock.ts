/** The time of day comes in from main.ts, so that nothing below reads a clock of its own. */
let readClockMs: () => number = () => 0

export function setClock(nowMs: () => number): void {
  readClockMs = nowMs
}

/** Milliseconds since 1970. */
export const nowMs = (): number => readClockMs()
