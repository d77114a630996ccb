import { Comparison, type Result, type SlicePlace, type Subject } from '../../contract'
import { onOpenSlices } from '../../core/subject/slice-places'
import { usePictures } from '../picture/pictures'
import { getJson } from '../wire/http'
import { queryOfSubject } from '../wire/subject-query'

const placesOf = ({ readings, consensus, lesions, differences }: Comparison): readonly SlicePlace[] => [
  ...[...readings, ...(consensus === null ? [] : [consensus])].flatMap(({ slices }) => slices),
  ...lesions.map(({ centre }) => centre),
  ...differences,
]

/** The comparison of a subject as the program gives it after the reveal, about the slices that are open here. */
export async function getComparison(
  subject: Subject,
  asked: { readonly lesion?: string | null; readonly consensus?: string | null },
): Promise<Result<Comparison>> {
  const pictures = usePictures()
  const more = Object.entries(asked).map(([name, value]) =>
    value === null ? '' : `&${name}=${encodeURIComponent(value)}`,
  )
  const answer = await getJson(`comparisons?${queryOfSubject(subject)}${more.join('')}`, Comparison)
  if (!answer.ok) return answer
  const slices = await pictures.slicesOf(subject)
  return slices.ok ? onOpenSlices(answer.value, placesOf(answer.value), slices.value) : slices
}
