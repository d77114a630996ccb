/** Codes of measurements and of what the standards have no code for (scheme 99MARGIN, named in the object). */
import type { DataSet } from '../../dicom/write/write-dicom'
import type { Code } from '../exchange-reading'

export const marginCode = (value: string, meaning: string): Code => ({ value, scheme: '99MARGIN', meaning })

/** What a private scheme is, in every object that uses it (PS3.3 C.12.1.1.7). */
export const MARGIN_CODES: DataSet = {
  CodingSchemeIdentificationSequence: [
    {
      CodingSchemeDesignator: '99MARGIN',
      CodingSchemeName: 'Codes of the program Margin',
      CodingSchemeResponsibleOrganization: 'Margin',
    },
  ],
}

const ucum = (value: string, meaning: string): Code => ({ value, scheme: 'UCUM', meaning })
export const UCUM_NO_UNITS = ucum('1', 'no units')

/** Units by their sign on the page. */
export const UCUM_UNITS: Readonly<Record<'mm' | 'mm²' | 'mm³' | 'HU', Code>> = {
  mm: ucum('mm', 'millimeter'),
  'mm²': ucum('mm2', 'square millimeter'),
  'mm³': ucum('mm3', 'cubic millimeter'),
  HU: ucum("[hnsf'U]", 'Hounsfield unit'),
}
