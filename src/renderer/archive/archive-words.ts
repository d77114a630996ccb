import type { ArchiveSeries, ArchiveSummary } from '../../contract'

/** How an archive is spoken to, as its owner calls it. */
export const kindWords = ({ kind }: Pick<ArchiveSummary, 'kind'>): string =>
  kind === 'dicomweb' ? 'DICOMweb' : 'DIMSE'

/** Whether others on the network can read along. */
export const linkWords = ({ encrypted }: Pick<ArchiveSummary, 'encrypted'>): string =>
  encrypted ? 'encrypted' : 'not encrypted'

/** A name as the archive has it, `Surname^Given`, as it is read: `Surname, Given`. PS3.5 6.2, PN. */
export function patientWords(name: string): string {
  const [family = '', given = '', middle = '', prefix = '', suffix = ''] = name
    .split('^')
    .map((part) => part.trim())
  const calling = [prefix, given, middle].filter((part) => part !== '').join(' ')
  const words = [family, calling, suffix].filter((part) => part !== '').join(', ')
  return words === '' ? 'no name' : words
}

/** A series in one line: its number and what it says of itself. */
export const seriesWords = ({
  seriesNumber,
  description,
}: Pick<ArchiveSeries, 'seriesNumber' | 'description'>): string =>
  [seriesNumber === null ? '' : `Series ${String(seriesNumber)}`, description]
    .filter((part) => part !== '')
    .join(', ') || 'a series without number or description'
