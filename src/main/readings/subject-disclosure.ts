import type { ExposureKind, Rater, Result, Subject, Withheld } from '../../contract'
import type { Disclosure } from './disclosure'
import type { Subjects } from './subjects'

/** What may be given of a subject that is named as the page names it. */
export interface SubjectDisclosure {
  /** Null: may be shown. */
  readonly withheld: (rater: Rater, subject: Subject) => Promise<Result<Withheld | null>>
  /**
   * Asked before anything but the image itself is given out: refused with `blind` where it is withheld, else it is
   * written to the exposure log, and only then given.
   */
  readonly release: (
    rater: Rater,
    subject: Subject,
    kind: ExposureKind,
    detail: string,
  ) => Promise<Result<null>>
}

export const discloseSubjects = (subjects: Subjects, disclosure: Disclosure): SubjectDisclosure => ({
  withheld: async (rater, subject) => {
    const key = await subjects.keyOf(subject)
    return key.ok ? disclosure.withheld(rater, key.value) : key
  },
  release: async (rater, subject, kind, detail) => {
    const key = await subjects.keyOf(subject)
    return key.ok ? disclosure.release(rater, key.value, kind, detail) : key
  },
})
