import type { Services } from '../app/services'

/**
 * Checks the model packages while the page still loads: it asks for them first thing, and the check takes about a
 * second. What is wrong with a package is told when the page asks.
 */
export function checkModelsEarly({ models }: Services): void {
  models.list().catch(() => undefined)
}
