import { expect, test } from 'vitest'
import { contentKey, copyKeys } from './same-reading'

const square = (label: string, column: number, side: number) => {
  const mask = { widthPx: side, heightPx: side, pixels: new Uint8Array(side * side).fill(1) }
  const outlines = [{ sliceIndex: 0, placed: { originColumn: column, originRow: 3, mask } }]
  return { label, origin: null, outlines }
}

test('a file that holds one structure of a reading is a copy of it, as a file of all of them is; another is none', () => {
  const disc = square('disc', 4, 9)
  const cup = square('cup', 6, 3)
  const keys = copyKeys({ structures: [disc, cup] })
  for (const structures of [[disc], [cup], [cup, disc], [{ ...disc, label: 'from a file' }]])
    expect(keys).toContain(contentKey({ structures }))
  expect(keys).not.toContain(contentKey({ structures: [square('disc', 5, 9)] }))
  expect(copyKeys({ structures: [{ ...disc, outlines: [] }] })).toEqual([])
})
