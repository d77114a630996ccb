import type { Services } from '../app/services'

/**
 * Asks for what the page asks first, while it still loads: checking the model packages takes about a second, opening the
 * workspace a thread and its file. A training that was under way when the program ended goes on. What other programs send is received from here on, where that is set up. What is wrong with them is told when the page asks.
 */
export function askEarly({ models, accounts, training, receiver }: Services): void {
  accounts.session(null).catch(() => undefined)
  models.list().catch(() => undefined)
  training.resume().catch(() => undefined)
  receiver.start().catch(() => undefined)
}
