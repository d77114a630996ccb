import type { SubjectLook } from '../viewer/subject-looks'
import type { SubjectKind } from '../../core/subject/subject-kinds'
import type { IconName } from '../theme/icons'

/** A section of the left panel, as the rail of icons names it. */
export interface ReadSection {
  readonly id: string
  readonly title: string
  readonly icon: IconName
}

/** The sections of the left panel by what can be done with the picture. */
export const readSections = (
  { railTitle, hasSlices }: SubjectKind,
  { channels }: SubjectLook,
): readonly ReadSection[] => [
  { id: 'pictures', title: railTitle, icon: 'series' },
  ...(hasSlices ? [{ id: 'structures', title: 'Structures', icon: 'structure' } as const] : []),
  ...(channels.length > 0 ? [{ id: 'channel', title: 'Channel', icon: 'window' } as const] : []),
  { id: 'readings', title: 'Readings', icon: 'people' },
  { id: 'measurements', title: 'Measure', icon: 'ruler' },
  { id: 'layers', title: 'Layers', icon: 'layers' },
]
