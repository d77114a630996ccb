import type { Withheld } from '../../contract'

/** Whether the model can be asked on this picture, and what leads on from where it cannot. */
export interface RunReadiness {
  readonly hasStructures: boolean
  /** Why nothing can be drawn; null when it can. */
  readonly lockedBecause: string | null
  /** A blind reading is still possible, and is not once the model is shown. */
  readonly endsBlindness?: boolean
  /** Why the model is not given to this reader now; null: it is. */
  readonly withheld: Withheld | null
  readonly onReadBlind: () => void
  /** Null: as many samples as are set. */
  readonly onDraw: (samples: number | null) => void
  readonly onStop: () => void
  readonly onNextStructure: () => void
}
