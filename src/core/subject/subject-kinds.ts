import type { ExportFormat, ImportQuery, ModelModality, Subject } from '../../contract'

/** What can be done with one kind of subject, as data: a new kind (planes, another modality) is a new row. */
export interface SubjectKind {
  /** What one picture of it is called in words about its samples and sizes. */
  readonly word: 'slice' | 'photograph'
  /** The subject itself, with its article. */
  readonly one: string
  /** What one run of it is about. */
  readonly oneCase: 'lesion' | 'photograph'
  /** Over the list of pictures, and in the rail of icons. */
  readonly listTitle: string
  readonly railTitle: string
  readonly cannotOpen: string
  /** Pages to turn, and places that lie on some of them; else a run draws the whole picture. */
  readonly hasSlices: boolean
  /** A file of it can state the distance between pixels, and how the picture lies in the patient. */
  readonly hasSpacing: boolean
  /** Models that read it, until the file itself states a modality. */
  readonly modality: ModelModality
  /** What a structure in it is called where nobody named it. */
  readonly structureOf: (modality: string) => string
  /** Which sizes mean something of what is drawn in it. */
  readonly sizedBy: 'diameter' | 'share'
  readonly sizeHead: string
  readonly noSpacing: string
  /** What a file of readings is, unless another is chosen. */
  readonly fileFormat: ExportFormat & ImportQuery['format']
}

const SERIES: SubjectKind = {
  word: 'slice',
  one: 'a series',
  oneCase: 'lesion',
  listTitle: 'Series',
  railTitle: 'Series',
  cannotOpen: 'The series cannot be opened',
  hasSlices: true,
  hasSpacing: true,
  modality: 'CT',
  structureOf: (modality) => (modality === 'CT' ? 'Nodule' : 'Structure'),
  sizedBy: 'diameter',
  sizeHead: 'eq. diameter',
  noSpacing: 'The file states no pixel spacing, so sizes are in pixels. No millimetres.',
  fileFormat: 'seg',
}

const IMAGE: SubjectKind = {
  word: 'photograph',
  one: 'a photograph',
  oneCase: 'photograph',
  listTitle: 'Photographs',
  railTitle: 'Pictures',
  cannotOpen: 'The photograph cannot be shown',
  hasSlices: false,
  hasSpacing: false,
  modality: 'fundus',
  structureOf: () => 'Vessels',
  sizedBy: 'share',
  sizeHead: 'share',
  noSpacing: 'A photograph has no scale: sizes are in pixels and shares. No millimetres.',
  fileFormat: 'png',
}

/** By the word that the contract calls a subject, and the target of a run, by. */
export const SUBJECT_KINDS: { readonly [kind in Subject['kind']]: SubjectKind } = {
  series: SERIES,
  image: IMAGE,
}

export const kindOf = ({ kind }: Pick<Subject, 'kind'>): SubjectKind => SUBJECT_KINDS[kind]
