import type { ScanResult, Subject } from '../../contract'
import { imageSubject, seriesSubject } from './subject'

/** One thing that was opened, with what a list names it by; what a kind has not is empty. */
export interface ListedSubject {
  readonly subject: Subject
  readonly patientId: string
  readonly modality: string
  readonly description: string
  readonly fileName: string
}

/** All that was opened: series first, then photographs. */
export const listedSubjects = ({
  series,
  images,
}: Pick<ScanResult, 'series' | 'images'>): readonly ListedSubject[] => [
  ...series.map(({ seriesUid, patientId, modality, description }) => ({
    ...{ subject: seriesSubject(seriesUid), patientId, modality, description, fileName: '' },
  })),
  ...images.map(({ imageId, name }) => ({
    ...{ subject: imageSubject(imageId), patientId: '', modality: '', description: '', fileName: name },
  })),
]

/** What a list of cases calls it. */
export const titleOfListed = ({ patientId, modality, description, fileName }: ListedSubject): string =>
  joinedNames(patientId, modality, description, fileName)

/** `LIDC-IDRI-0001 · CT`: the parts that are there. */
export const joinedNames = (...parts: readonly string[]): string =>
  parts.filter((part) => part !== '').join(' · ')
