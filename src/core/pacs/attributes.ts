import { ELEMENTS } from '../dicom/elements'
import type { Keyword } from '../dicom/elements'
import { cleanText } from '../dicom/text'

/** The values of one matching study, series or object, as text; [] for what the archive did not say. */
export type Attributes = (keyword: Keyword) => readonly string[]

const LONGEST = 200
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** One value as it is shown: a name by its letters, else by its ideographs. Anything but text, numbers and names is nothing. */
export function shownValue(value: unknown): string {
  if (typeof value === 'string') return cleanText(value).slice(0, LONGEST)
  if (typeof value === 'number') return String(value)
  if (!isRecord(value)) return ''
  const named = [value['Alphabetic'], value['Ideographic'], value['Phonetic']]
  return shownValue(named.find((part) => typeof part === 'string' && part !== '') ?? '')
}

/** An object of the DICOM JSON model (PS3.18 F.2): elements by their tag in eight hexadecimal digits. */
export function attributesOfJson(object: unknown): Attributes {
  return (keyword) => {
    if (!isRecord(object)) return []
    const element = object[ELEMENTS[keyword][0].toString(16).toUpperCase().padStart(8, '0')]
    if (!isRecord(element) || !Array.isArray(element['Value'])) return []
    return element['Value'].map(shownValue)
  }
}
