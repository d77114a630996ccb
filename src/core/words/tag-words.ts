import type { TagRow } from '../../contract'

/** `(0010,0010)`. */
export const tagNumber = (tag: string): string => `(${tag.slice(0, 4)},${tag.slice(4)})`

/** A keyword in words: `ReferencedSOPInstanceUID` is "Referenced SOP Instance UID". */
export const keywordWords = (keyword: string): string =>
  keyword.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')

/** What a row is called. */
export function tagName(row: TagRow): string {
  if (row.kind === 'item') return `Item ${row.value}`
  if (row.isPrivate)
    return row.tag.endsWith('00') || Number.parseInt(row.tag.slice(4), 16) > 0xff
      ? 'private'
      : 'private creator'
  return row.keyword === '' ? 'not in the dictionary' : keywordWords(row.keyword)
}

/** What stands instead of a value, or behind one that goes on. */
export function formWords({ form, sizeBytes }: Pick<TagRow, 'form' | 'sizeBytes'>): string {
  const size = sizeBytes === null ? 'length not stated' : `${sizeBytes.toLocaleString('en-GB')} bytes`
  switch (form) {
    case 'whole':
      return ''
    case 'cut':
      return `goes on, ${size}`
    case 'binary':
      return `binary, ${size}`
    case 'pixels':
      return `the picture, ${size}`
  }
}

/** A row as one line of text, indented by what it stands in. */
export function tagLine(row: TagRow): string {
  const indent = '  '.repeat(row.depth)
  if (row.kind === 'item') return `${indent}${tagName(row)}`
  const value = [row.value, formWords(row)].filter((words) => words !== '').join('; ')
  // What is written without value representations names none for an element that no dictionary has.
  const named = [tagNumber(row.tag), row.vr, tagName(row)].filter((words) => words !== '').join(' ')
  return `${indent}${named}: ${value}`.trimEnd()
}
