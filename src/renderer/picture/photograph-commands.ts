import type { Subject } from '../../contract'
import type { CommandAnswers } from '../keys/dispatch'
import { useLibrary } from '../library/library'
import type { SubjectLook } from '../viewer/subject-looks'
import { pictureRows } from './picture-rows'
import type { ViewSettings } from './view-settings'

interface PhotographSteps {
  readonly subject: Subject
  readonly view: ViewSettings
  readonly look: SubjectLook
  readonly go: (subject: Subject) => void
  /** Why this one cannot be left now; null: it can. */
  readonly lockedBecause: () => string | null
}

/** The photographs of the folder in turn, and the channels of one; nothing of a series. */
export function photographCommands({
  subject,
  view,
  look,
  go,
  lockedBecause,
}: PhotographSteps): CommandAnswers {
  if (subject.kind !== 'image') return {}
  const library = useLibrary()
  const at = (by: number): Subject | null => {
    const subjects = pictureRows(library.result, subject, new Map()).rows.map((row) => row.subject)
    const here = subjects.findIndex((one) => one.kind === 'image' && one.imageId === subject.imageId)
    return (here < 0 ? null : subjects[here + by]) ?? null
  }
  const step = (by: number, none: string) => ({
    run: () => {
      const next = at(by)
      if (next !== null) go(next)
    },
    lockedBecause: () => lockedBecause() ?? (at(by) === null ? none : null),
  })
  return {
    'photograph-on': step(1, 'this is the last photograph of its folder'),
    'photograph-back': step(-1, 'this is the first photograph of its folder'),
    channel: {
      run: () => {
        const values = look.channels.map(({ value }) => value)
        view.channel.value = values[(values.indexOf(view.channel.value) + 1) % values.length] ?? 'colour'
      },
    },
  }
}
