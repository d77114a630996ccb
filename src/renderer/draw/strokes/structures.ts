import { cleanLabel, type DocumentEdit } from '../../../contract'
import { findStructure, type AnnotationDocument } from '../../../core/annotation/document'

/** The structure that the first stroke makes where the list is empty. */
export const FIRST_STRUCTURE = 'structure-1'

/**
 * A name that no structure of the document has: "Nodule 2". Of given `labels` the first that none has, else the first:
 * several structures may be called alike.
 */
export function freshLabel(
  document: AnnotationDocument | null,
  word: string,
  labels: readonly string[],
): string {
  const taken = new Set(document?.structures.map(({ label }) => label) ?? [])
  const [first] = labels
  if (first !== undefined) return labels.find((label) => !taken.has(label)) ?? first
  for (let number = 1; ; number += 1) {
    const label = `${word} ${number}`
    if (!taken.has(label)) return label
  }
}

export function addStructure(document: AnnotationDocument, structureId: string, label: string): DocumentEdit {
  const position = document.structures.length
  return { kind: 'add-structure', title: `New ${label}`, structureId, label, position }
}

/** Null where nothing would change, or the name is empty. */
export function renameStructure(
  document: AnnotationDocument,
  structureId: string,
  to: string,
): DocumentEdit | null {
  const from = findStructure(document, structureId)?.label
  const name = cleanLabel(to.trim().slice(0, 80))
  if (from === undefined || name === '' || name === from) return null
  return { kind: 'rename-structure', title: `Rename to ${name}`, structureId, from, to: name }
}
