import type { InstalledModel, Manifest } from '../../contract'
import { shippedSha256 } from './shipped-packages'

/**
 * The order of preference: where no model is named, the first sound one for the picture is used (decision 0014). What
 * was promoted here stands just before the model that it goes back to, the newest first; what is experimental behind all
 * (decision 0101).
 */
export function inOrder(models: readonly InstalledModel[]): readonly InstalledModel[] {
  const parentOf = new Map(models.map(({ id, standing }) => [id, standing?.parentId ?? null]))
  const rootOf = (id: string, seen: readonly string[] = []): string => {
    const parent = parentOf.get(id) ?? null
    return parent === null || seen.includes(parent) ? id : rootOf(parent, [...seen, id])
  }
  const given = models
    .filter(({ standing }) => standing === null)
    .toSorted((a, b) => preference(a) - preference(b))
  const promoted = models
    .filter(({ standing }) => standing?.experimental === false)
    .toSorted((a, b) => (b.standing?.promotedAt ?? '').localeCompare(a.standing?.promotedAt ?? ''))
  const replaced = new Set(given.map(({ id }) => id))
  return [
    ...promoted.filter(({ id }) => !replaced.has(rootOf(id))),
    ...given.flatMap((model) => [...promoted.filter(({ id }) => rootOf(id) === model.id), model]),
    ...models.filter(({ standing }) => standing?.experimental === true),
  ]
}

/** The paper's model first, the one that knows nothing of its uncertainty last; of one kind in the order of names. */
const KINDS: readonly Manifest['kind'][] = ['cflow-planar', 'cflow-glow', 'probunet', 'unet']

/** What comes with the program stands before what was put beside it, whatever that is called. */
const preference = ({ id, manifest }: InstalledModel): number =>
  (shippedSha256(id) === null ? KINDS.length + 1 : 0) +
  (manifest === null ? KINDS.length : KINDS.indexOf(manifest.kind))
