import type { ArchiveSummary } from '../../contract'

/** How an archive is spoken to, as its owner calls it. */
export const kindWords = ({ kind }: Pick<ArchiveSummary, 'kind'>): string =>
  kind === 'dicomweb' ? 'DICOMweb' : 'DIMSE'

/** Whether others on the network can read along. */
export const linkWords = ({ encrypted }: Pick<ArchiveSummary, 'encrypted'>): string =>
  encrypted ? 'encrypted' : 'not encrypted'
