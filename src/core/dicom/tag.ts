export const ITEM = 0xfffee000
export const ITEM_END = 0xfffee00d
export const SEQUENCE_END = 0xfffee0dd

/** `(gggg,eeee)`, as in the standard. */
export const tagName = (tag: number): string => {
  const digits = tag.toString(16).padStart(8, '0')
  return `(${digits.slice(0, 4)},${digits.slice(4)})`
}
