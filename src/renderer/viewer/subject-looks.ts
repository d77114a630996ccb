import type { Subject } from '../../contract'
import type { LayerName, PhotographChannel, ViewMode } from './viewport-types'

/** How the page shows one kind of subject; what can be done with it stands in `core/subject/subject-kinds.ts`. */
export interface SubjectLook {
  /** Its values are looked at through a window. */
  readonly hasWindow: boolean
  /** Its colours can be looked at one by one. */
  readonly channels: readonly { readonly value: PhotographChannel; readonly text: string }[]
  /**
   * A run covers the whole picture: its map lies over the dimmed picture with the contours in an inset, lines are fine,
   * and there is no crop edge and no room for letters.
   */
  readonly isWhole: boolean
  readonly opensOn: ViewMode
  /** In the order of the layer list. */
  readonly layers: readonly LayerName[]
  /** How many samples the strip shows, by width of the window. */
  readonly stripOf: { readonly narrow: number; readonly wide: number }
}

export const SUBJECT_LOOKS: { readonly [kind in Subject['kind']]: SubjectLook } = {
  series: {
    hasWindow: true,
    channels: [],
    isWhole: false,
    opensOn: 'contours',
    layers: ['samples', 'median', 'bands', 'variance', 'readers', 'cropEdge'],
    stripOf: { narrow: 6, wide: 10 },
  },
  image: {
    hasWindow: false,
    channels: [
      { value: 'colour', text: 'Colour' },
      { value: 'green', text: 'Green' },
      { value: 'contrast', text: 'Contrast' },
      { value: 'red', text: 'Red' },
    ],
    isWhole: true,
    opensOn: 'map',
    layers: ['variance', 'samples', 'median', 'bands', 'readers', 'fieldOfView'],
    stripOf: { narrow: 8, wide: 8 },
  },
}

export const lookOf = (kind: Subject['kind']): SubjectLook => SUBJECT_LOOKS[kind]
