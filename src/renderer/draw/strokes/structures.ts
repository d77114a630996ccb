import type { DocumentEdit } from '../../../contract'
import { findStructure, type AnnotationDocument } from '../../../core/annotation/document'

/** The structure that the first stroke makes where the list is empty. */
export const FIRST_STRUCTURE = 'structure-1'

/** A name that no structure of the document has: "Nodule 2". */
export function freshLabel(document: AnnotationDocument | null, word: string): string {
  const labels = new Set(document?.structures.map(({ label }) => label) ?? [])
  for (let number = 1; ; number += 1) {
    const label = `${word} ${number}`
    if (!labels.has(label)) return label
  }
}

export function addStructure(document: AnnotationDocument, structureId: string, word: string): DocumentEdit {
  const label = freshLabel(document, word)
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
  const name = to.trim().slice(0, 80)
  if (from === undefined || name === '' || name === from) return null
  return { kind: 'rename-structure', title: `Rename to ${name}`, structureId, from, to: name }
}
