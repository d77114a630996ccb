import type { AnnotationDocument } from '../../../core/annotation/document'

/** Slices on which two states of a document hold something else, in order: states share what did not change. */
export function changedSlices(before: AnnotationDocument, after: AnnotationDocument): readonly number[] {
  const slicesBefore = new Map(before.structures.map(({ structureId, slices }) => [structureId, slices]))
  const slicesAfter = new Map(after.structures.map(({ structureId, slices }) => [structureId, slices]))
  const changed = new Set<number>()
  for (const structureId of [...slicesBefore.keys(), ...slicesAfter.keys()]) {
    const [was, is] = [slicesBefore.get(structureId), slicesAfter.get(structureId)]
    for (const index of [...(was?.keys() ?? []), ...(is?.keys() ?? [])])
      if (was?.get(index) !== is?.get(index)) changed.add(index)
  }
  return [...changed].sort((a, b) => a - b)
}
