import type { Context } from 'hono'
import type { AnnotationSummary, ArchiveFetchLine, ScanLine, ScanResult } from '../../contract'
import { keyOfSubject, subjectsNamed } from '../../core/subject/subject'
import type { Services } from './services'

/** The lines of a scan, or of a fetch that ends with one, as this rater may see them. */
export async function* shownLines<L extends ScanLine | ArchiveFetchLine>(
  c: Context,
  services: Services,
  lines: AsyncIterable<L>,
): AsyncGenerator<L> {
  for await (const line of lines)
    yield line.kind === 'done' ? { ...line, result: await withoutWithheld(c, services, line.result) } : line
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
  for (const subject of result.annotations.flatMap(subjectsNamed)) {
    const key = keyOfSubject(subject)
    if (known.has(key)) continue
    const asked = await disclosure.withheld(rater, subject)
    known.set(key, asked.ok && asked.value === null)
  }
  const mayBeListed = (one: AnnotationSummary): boolean =>
    subjectsNamed(one).every((subject) => known.get(keyOfSubject(subject)) === true)
  return {
    ...result,
    annotations: result.annotations.filter((one) => one.kind === 'field-of-view' || mayBeListed(one)),
  }
}
