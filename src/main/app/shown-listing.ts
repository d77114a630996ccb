import type { Context } from 'hono'
import type { ScanLine, ScanResult } from '../../contract'
import type { Services } from './services'

/** The lines of a scan as this rater may see them. */
export async function* shownLines(
  c: Context,
  services: Services,
  lines: AsyncIterable<ScanLine>,
): AsyncGenerator<ScanLine> {
  for await (const line of lines)
    yield line.kind === 'done'
      ? { kind: 'done', result: await withoutWithheld(c, services, line.result) }
      : line
}

/** The listing without the reading files of subjects that this rater still reads blind: their number and notes tell. */
export async function withoutWithheld(
  c: Context,
  { disclosure }: Services,
  result: ScanResult,
): Promise<ScanResult> {
  const { rater } = c.var
  if (rater === null || result.annotations.length === 0) return result
  const known = new Map<string, boolean>()
  for (const { seriesUid, imageId } of result.annotations) {
    if (seriesUid !== null && !known.has(seriesUid)) {
      const asked = await disclosure.withheld(rater, { kind: 'series', seriesUid })
      known.set(seriesUid, asked.ok && asked.value === null)
    }
    if (imageId !== null && !known.has(imageId)) {
      const asked = await disclosure.withheld(rater, { kind: 'image', imageId })
      known.set(imageId, asked.ok && asked.value === null)
    }
  }
  const mayBeListed = (id: string | null): boolean => id === null || known.get(id) !== false
  return {
    ...result,
    annotations: result.annotations.filter(
      (one) => one.kind === 'field-of-view' || (mayBeListed(one.seriesUid) && mayBeListed(one.imageId)),
    ),
  }
}
