/** What a nodule is made of. The person says it; it is never guessed from values. */
export type NoduleKind = 'solid' | 'part-solid' | 'ground-glass'
