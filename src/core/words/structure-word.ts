/**
 * What structures of a panel are called where it has no labels: as is usual on such an image ("Vessels"), unless its target
 * is something else.
 */
export function structureWord(usual: string, target: string): string {
  const stem = usual.toLowerCase().replace(/s$/, '')
  return target === '' || target.toLowerCase().includes(stem) ? usual : 'Structure'
}
