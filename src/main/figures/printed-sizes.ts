import type { SizeDistribution } from '../../contract'

type PrintedSize = Omit<SizeDistribution, 'values'>

/** The named sizes that are there, in this order, without the value of each sample. */
export function printedSizes<Name extends string>(
  names: readonly Name[],
  sizes: { readonly [name in Name]?: SizeDistribution | undefined },
): { [name: string]: PrintedSize } {
  const entries = names.flatMap((name) => {
    const size: SizeDistribution | undefined = sizes[name]
    if (size === undefined) return []
    const { median, low95, high95, interval } = size
    return [[name, { median, low95, high95, interval }] as const]
  })
  return Object.fromEntries(entries)
}
