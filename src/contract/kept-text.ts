import type { DocumentEdit } from './edit'

/** What no text keeps that is stored and handed out: half of a surrogate pair, and the character 0. */
export const NOT_KEPT = /\p{Surrogate}|\0/u
/** Nor does a label keep controls, line ends among them, or a mark of byte order at its start: formats drop them. */
const NOT_IN_LABEL = /[\p{Surrogate}\p{Cc}]|^\ufeff/u

/** A label without what labels do not keep: controls become spaces, the ends are trimmed, the rest is left out. */
export const cleanLabel = (label: string): string =>
  label
    .replace(/\p{Cc}/gu, ' ')
    .replace(/\p{Surrogate}/gu, '')
    .trim()

interface NotKept {
  /** Where it stands in the gesture. */
  readonly path: readonly (string | number)[]
  readonly reason: string
}

const asText = (text: string, ...path: string[]): readonly NotKept[] => {
  const reason = `The ${path.at(-1) ?? 'text'} holds a zero or half of a character, which cannot be kept: type it again.`
  return NOT_KEPT.test(text) ? [{ path, reason }] : []
}

const asLabel = (text: string, ...path: string[]): readonly NotKept[] => {
  const reason =
    'The name holds a control character or half of a character, which cannot be kept: type it again.'
  return NOT_IN_LABEL.test(text) ? [{ path, reason }] : []
}

/**
 * What a gesture newly says that is not kept; what it takes up as it stands (the old name of a structure, an answer's
 * other words) is not asked about, so that older readings can be mended.
 */
export function notKeptOf(edit: DocumentEdit): readonly NotKept[] {
  const title = asText(edit.title, 'title')
  switch (edit.kind) {
    case 'add-structure':
      return [...title, ...asText(edit.structureId, 'structureId'), ...asLabel(edit.label, 'label')]
    case 'rename-structure':
      return [...title, ...asLabel(edit.to, 'to')]
    case 'answer': {
      const { from, to } = edit
      const reason = to.reason === from.reason ? [] : asText(to.reason, 'to', 'reason')
      return [
        ...title,
        ...reason,
        ...(to.comment === from.comment ? [] : asText(to.comment, 'to', 'comment')),
      ]
    }
    case 'several':
      return [
        ...title,
        ...edit.edits.flatMap((one, at) =>
          notKeptOf(one).map(({ path, reason }) => ({ path: ['edits', at, ...path], reason })),
        ),
      ]
    case 'paint':
    case 'remove-structure':
      return title
  }
}
