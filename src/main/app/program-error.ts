import type { Refusal } from '../../contract'

/**
 * A mistake of the program as a refusal. Its message may hold a path, a path may hold a patient's name, and this
 * goes to a log: so the kind of error and the place in the code are told, the message is not.
 */
export function programError(error: unknown): Refusal {
  const kind = error instanceof Error ? error.name : typeof error
  const frames = error instanceof Error ? (error.stack ?? '').split('\n') : []
  const place = frames.find((line) => line.trimStart().startsWith('at '))?.trim() ?? ''
  return {
    code: 'internal',
    reason: `Margin made a mistake (${kind} ${place.replace(/\(?file:.*\/(?=[^/]*$)/, '(')}).`,
    next: 'Try again; if it stays, report it with this line.',
  }
}
