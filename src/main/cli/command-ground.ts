import type { Resources } from '../compose/resources'
import type { Launch } from '../processes/launch'

/** What a command stands on: where things lie, how children are started, and the words that start this program again. */
export interface CommandGround {
  readonly resources: Resources
  readonly launch: Launch
  readonly ownWords: readonly string[]
}
