import type { Result } from '../src/contract'

/** The value of what should not have been refused. */
export function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.refusal))
  return result.value
}
