/** What models read: a row for each modality that a package may name. */
import { ModelModality } from '../../contract'

interface ModalityWords {
  /** In the list of models: "used for …". */
  readonly usedFor: string
  /** "There is no model for …". */
  readonly pictures: string
  /** What its packages were measured on, one and several. */
  readonly measuredOn: readonly [one: string, several: string]
}

export const MODALITIES: { readonly [modality in ModelModality]: ModalityWords } = {
  CT: { usedFor: 'CT', pictures: 'CT', measuredOn: ['patch', 'patches'] },
  fundus: {
    usedFor: 'photographs',
    pictures: 'fundus photographs',
    measuredOn: ['photograph', 'photographs'],
  },
}

/** What stands for the modality of a NIfTI image, which states none. */
export const NIFTI = 'NIfTI'

/**
 * The modality of packages that reads a picture of this stated modality; null where none does. NIfTI states none: what
 * reads CT is let run on it, and its warnings say what is not known.
 */
export const modelModality = (stated: string): ModelModality | null => {
  if (stated === NIFTI) return 'CT'
  const known = ModelModality.safeParse(stated)
  return known.success ? known.data : null
}
