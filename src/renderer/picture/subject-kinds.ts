import type { Manifest, Subject } from '../../contract'
import type { LayerName, PhotographChannel, ViewMode, ViewportPicture } from '../viewer/viewport-types'

/** What the page can do with one kind of subject, as data: a new kind (planes, another modality) is a new row. */
export interface SubjectKind {
  /** What one picture of it is called in words about its samples and sizes. */
  readonly word: 'slice' | 'photograph'
  /** The subject itself, with its article. */
  readonly one: string
  /** Over the list of pictures, and in the rail of icons. */
  readonly listTitle: string
  readonly railTitle: string
  readonly cannotOpen: string
  /** Pages to turn, places that lie on some of them, a window on their values. */
  readonly hasSlices: boolean
  readonly hasWindow: boolean
  readonly channels: readonly { readonly value: PhotographChannel; readonly text: string }[]
  readonly pixels: ViewportPicture['kind']
  /** Models that read it, until the file itself states a modality. */
  readonly modality: Manifest['modality']
  /** What a structure in it is called where nobody named it. */
  readonly structureOf: (modality: string) => string
  readonly sizedBy: 'diameter' | 'share'
  readonly sizeHead: string
  readonly noSpacing: string
  readonly opensOn: ViewMode
  /** In the order of the layer list. */
  readonly layers: readonly LayerName[]
  /** Its map is shown whole, with samples in an inset. */
  readonly hasInset: boolean
  /** How many samples the strip shows, by width of the window. */
  readonly stripOf: { readonly narrow: number; readonly wide: number }
  /** What a file of readings is, unless another is chosen. */
  readonly fileFormat: 'seg' | 'png'
}

const SERIES: SubjectKind = {
  word: 'slice',
  one: 'a series',
  listTitle: 'Series',
  railTitle: 'Series',
  cannotOpen: 'The series cannot be opened',
  hasSlices: true,
  hasWindow: true,
  channels: [],
  pixels: 'grey',
  modality: 'CT',
  structureOf: (modality) => (modality === 'CT' ? 'Nodule' : 'Structure'),
  sizedBy: 'diameter',
  sizeHead: 'eq. diameter',
  noSpacing: 'The file states no pixel spacing, so sizes are in pixels. No millimetres.',
  opensOn: 'contours',
  layers: ['samples', 'median', 'bands', 'variance', 'readers', 'cropEdge'],
  hasInset: false,
  stripOf: { narrow: 6, wide: 10 },
  fileFormat: 'seg',
}

const IMAGE: SubjectKind = {
  word: 'photograph',
  one: 'a photograph',
  listTitle: 'Photographs',
  railTitle: 'Pictures',
  cannotOpen: 'The photograph cannot be shown',
  hasSlices: false,
  hasWindow: false,
  channels: [
    { value: 'colour', text: 'Colour' },
    { value: 'green', text: 'Green' },
    { value: 'red', text: 'Red' },
  ],
  pixels: 'rgb',
  modality: 'fundus',
  structureOf: () => 'Vessels',
  sizedBy: 'share',
  sizeHead: 'share',
  noSpacing: 'The file states no pixel spacing, so sizes are in pixels and shares. No millimetres.',
  opensOn: 'map',
  layers: ['variance', 'samples', 'median', 'bands', 'readers', 'fieldOfView'],
  hasInset: true,
  stripOf: { narrow: 8, wide: 8 },
  fileFormat: 'png',
}

/** By the word that the contract calls a subject, and the target of a run, by. */
export const SUBJECT_KINDS: { readonly [kind in Subject['kind']]: SubjectKind } = {
  series: SERIES,
  image: IMAGE,
}

export const kindOf = ({ kind }: Pick<Subject, 'kind'>): SubjectKind => SUBJECT_KINDS[kind]
