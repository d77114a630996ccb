import type { Context } from 'hono'
import type { AnnotationSummary, ArchiveFetchLine, ScanLine, ScanResult, Subject } from '../../contract'
import { listedSubjects } from '../../core/subject/listed'
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
  const mayRead = async (subject: Subject): Promise<boolean> => {
    const key = keyOfSubject(subject)
    const before = known.get(key)
    if (before !== undefined) return before
    const asked = await disclosure.withheld(rater, subject)
    known.set(key, asked.ok && asked.value === null)
    return asked.ok && asked.value === null
  }
  const mayReadAll = async (): Promise<boolean> => {
    for (const { subject } of listedSubjects(result)) if (!(await mayRead(subject))) return false
    return true
  }
  for (const subject of result.annotations.flatMap(subjectsNamed)) await mayRead(subject)
  // A file that names nothing that is open may be of any of it.
  const ofAny = result.annotations.some((one) => subjectsNamed(one).length === 0) && (await mayReadAll())
  const mayBeListed = (one: AnnotationSummary): boolean => {
    const named = subjectsNamed(one)
    return named.length === 0 ? ofAny : named.every((subject) => known.get(keyOfSubject(subject)) === true)
  }
  const annotations = result.annotations.filter((one) => one.kind === 'field-of-view' || mayBeListed(one))
  const left = result.annotations.length - annotations.length
  return { ...result, annotations, filesRead: Math.max(0, result.filesRead - left) }
}
