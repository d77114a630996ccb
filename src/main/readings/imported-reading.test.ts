import { expect, test } from 'vitest'
import { readImport } from './imported-reading'

test('an empty mask that an earlier version kept is in no reading', () => {
  const slice = (widthPx: number, bits: string) => ({
    sliceIndex: 0,
    mask: { originColumn: 3, originRow: 2, widthPx, heightPx: widthPx, bits },
  })
  // One pixel: the first bit of a byte.
  const slices = [slice(0, ''), slice(1, 'gA==')]
  const read = readImport(
    {
      ...{
        importId: 'i',
        subject: 'image:eye',
        reader: 'A',
        importedAt: '',
        importedBy: 'r',
        source: 'nifti',
      },
      content: JSON.stringify({ structures: [{ label: 'n', slices }] }),
      ...{ withdrawn: false, counted: true },
      facts: { importId: 'i', isOwn: true, counts: true, inPanel: false },
    },
    null,
  )
  expect(read).toMatchObject({ ok: true, value: { structures: [{ outlines: [{ sliceIndex: 0 }] }] } })
})
