import type { IconName } from '../theme/icons'

/** A section of the left panel, as the rail of icons names it. */
export interface ReadSection {
  readonly id: string
  readonly title: string
  readonly icon: IconName
}

/** The sections of the left panel by what is read. */
export function readSections(kind: 'series' | 'image'): readonly ReadSection[] {
  return kind === 'series'
    ? [
        { id: 'pictures', title: 'Series', icon: 'series' },
        { id: 'structures', title: 'Structures', icon: 'structure' },
        { id: 'readings', title: 'Readings', icon: 'people' },
        { id: 'layers', title: 'Layers', icon: 'layers' },
      ]
    : [
        { id: 'pictures', title: 'Pictures', icon: 'series' },
        { id: 'channel', title: 'Channel', icon: 'window' },
        { id: 'readings', title: 'Readings', icon: 'people' },
        { id: 'layers', title: 'Layers', icon: 'layers' },
      ]
}
