/** Long work that stops every few milliseconds, so that whoever runs it can see to other things in between. */
export type Steps<T> = Generator<undefined, T, undefined>

/** Runs all steps at once. */
export function runThrough<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}
