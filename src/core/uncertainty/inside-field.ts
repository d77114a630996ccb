/** The pixels of a mask that lie in the field of view, both 0 or 1 on one grid; the mask itself where there is no field. */
export function insideField(pixels: Uint8Array, field: Uint8Array | null): Uint8Array {
  if (field === null) return pixels
  const kept = new Uint8Array(pixels.length)
  for (let at = 0; at < kept.length; at += 1) kept[at] = (pixels[at] ?? 0) & (field[at] ?? 0)
  return kept
}
