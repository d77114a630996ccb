import { z } from 'zod'
import type { LeftOff, Subject } from '../../contract'
import { keyOfSubject } from '../../core/subject/subject'
import { keepForVisit, keptForVisit } from '../browser/kept'

/** Longer notes are of more places than anybody clicks. */
const MOST_CHARACTERS = 65_536

const noteOf = (name: keyof LeftOff, subject: Subject): string => `${name}.${keyOfSubject(subject)}`

function noted(name: keyof LeftOff, subject: Subject): string | null {
  const text = keptForVisit(noteOf(name, subject))
  return text === null || text.length > MOST_CHARACTERS ? null : text
}

/** Rulers of one's own are measurements, which the workspace keeps under rules of their own. */
function withoutRulers(look: string | null): string | null {
  try {
    const parsed = z.looseObject({}).safeParse(JSON.parse(look ?? 'null'))
    return parsed.success ? JSON.stringify({ ...parsed.data, rulers: [] }) : null
  } catch {
    return null
  }
}

/** How a case stands in this visit. */
export const leftOff = (subject: Subject): LeftOff => ({
  look: withoutRulers(noted('look', subject)),
  planes: noted('planes', subject),
  places: noted('places', subject),
})

/** Whether a case was looked at in this visit: then it stands as it was left, whatever an earlier one kept. */
export const isOfThisVisit = (subject: Subject): boolean => keptForVisit(noteOf('look', subject)) !== null

/** Takes up in this visit what an earlier one kept. */
export function takeUp(subject: Subject, left: LeftOff): void {
  if (isOfThisVisit(subject)) return
  for (const name of ['look', 'planes', 'places'] as const) {
    const text = left[name]
    if (text !== null) keepForVisit(noteOf(name, subject), text)
  }
}
