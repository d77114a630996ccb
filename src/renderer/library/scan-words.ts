import type { Refusal } from '../../contract'

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
