import { dirname } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toldApart } from './told-apart'

const way = fc
  .array(fc.constantFrom('a', 'b', 'study'), { minLength: 1, maxLength: 5 })
  .map((names) => `/${names.join('/')}`)

/** A picture of each folder, shown by the last `cut` names of its way: what is below an opened folder is shown from there. */
const picturesIn = (folders: readonly string[], cuts: readonly number[]) =>
  folders.map((folder, at) => {
    const cut = cuts[at] ?? 1
    const shown = cut === 0 ? '' : `${folder.split('/').slice(-cut).join('/')}/`
    return {
      source: { kind: 'file' as const, file: `${folder}/eye.png` },
      summary: { path: `${shown}eye.png` },
    }
  })

const folderShown = ({ summary }: { readonly summary: { readonly path: string } }): string =>
  dirname(summary.path)

test('no two folders are shown as one, however they were opened; one whose name is its own keeps it', () => {
  fc.assert(
    fc.property(fc.uniqueArray(way, { maxLength: 6 }), fc.array(fc.nat({ max: 5 })), (folders, cuts) => {
      const before = picturesIn(folders, cuts)
      const after = toldApart(before)
      expect(new Set(after.map(folderShown)).size).toBe(folders.length)
      for (const [at, one] of before.entries())
        if (before.filter((other) => folderShown(other) === folderShown(one)).length === 1)
          expect(after[at]?.summary.path).toBe(one.summary.path)
    }),
  )
  const alike = picturesIn(['/clinic/study', '/other/study', '/own'], [1, 1, 0])
  expect(toldApart(alike).map(({ summary }) => summary.path)).toEqual([
    'clinic/study/eye.png',
    'other/study/eye.png',
    'eye.png',
  ])
})
