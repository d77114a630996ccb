import type { Services } from '../app/services'

/**
 * Asks for what the page asks first, while it still loads: opening the workspace takes a thread and its file, and decode
 * threads take longer to start than most folders to scan. A training that was under way when the program ended goes on. What
 * other programs send is received from here on, where that is set up. What is wrong with them is told when the page asks.
 * The models are not among it: checking them takes the processor for a second, and the page asks for them once it shows
 * what was opened.
 */
export function askEarly({ library, accounts, training, receiver }: Services): void {
  accounts.session(null).catch(() => undefined)
  library.warm()
  training.resume().catch(() => undefined)
  receiver.start().catch(() => undefined)
}
