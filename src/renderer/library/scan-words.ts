import type { Refusal } from '../../contract'
import { formatCount, formatNumber, NO_BREAK } from '../../core/words/numbers'

/** When a scan was, from the program's ISO time: `10:57`, with the day where it was not today's. */
export function scanTime(isoTime: string): string {
  const at = new Date(isoTime)
  if (Number.isNaN(at.getTime())) return ''
  const day = isoTime.slice(0, 10)
  const time = `${String(at.getHours()).padStart(2, '0')}:${String(at.getMinutes()).padStart(2, '0')}`
  return `${day} ${time}`
}

/** What was opened: a folder by its path; what this page sent or the program made itself by what it is. */
export function rootWords(root: string): string {
  if (/[/\\]uploads[/\\][0-9a-f]{24}$/.test(root)) return 'files dropped or picked in this window'
  if (/[/\\]margin-[^/\\]+[/\\]demo$/.test(root)) return 'the built-in case'
  if (/[/\\]archives[/\\]received[/\\][\d.]+$/.test(root)) return 'what archives sent'
  return root
}

/** What is neither DICOM nor a picture by its first bytes: text, programs, what the system lays beside. */
const isOther = ({ code }: Refusal): boolean => code === 'not-dicom'

/** Refusals in the order in which they matter: images that could not be read first, files that are none apart. */
export const sortedRefusals = (
  refused: readonly Refusal[],
): { readonly images: readonly Refusal[]; readonly others: readonly Refusal[] } => ({
  images: refused.filter((one) => !isOther(one)),
  others: refused.filter(isOther),
})

/** Beside the count of a fetch: the bytes that came now, in decimal megabytes. */
export const fetchNote = (sizeBytes: number): string =>
  sizeBytes === 0
    ? 'What is here already is not fetched again.'
    : `${formatNumber(sizeBytes / 1_000_000, 1)}${NO_BREAK}MB came`

/** What was cancelled, and what is kept of it. */
export function stoppedWords({
  of,
  filesRead,
  filesTotal,
}: {
  readonly of: 'opening' | 'fetching'
  readonly filesRead: number
  readonly filesTotal: number
}): string {
  const counts = `${formatCount(filesRead)} of ${formatCount(filesTotal)}`
  return of === 'opening'
    ? `Stopped after ${counts} files. What was opened before is untouched.`
    : `Stopped: ${counts} images are here and kept. Fetch it again, and it goes on from there.`
}
