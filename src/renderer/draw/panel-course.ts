import { computed, ref, shallowRef, type ComputedRef } from 'vue'
import { type Panel, type PanelCase, PanelCases, type Subject } from '../../contract'
import { structureWord } from '../../core/words/structure-word'
import { getJson } from '../wire/http'

export interface NextCase {
  readonly subject: Subject
  readonly position: number
}

/** Where a commit leads to. */
export interface AfterCommit {
  readonly inPanel: boolean
  /** The case of the panel that comes next and can be opened here; null: none, or no panel. */
  readonly next: NextCase | null
  /** Why none comes, in a panel; else empty. */
  readonly end: string
  /** The panel is closed. */
  readonly isOver: boolean
}

/** Where a reader stands in a panel. */
export interface PanelCourse {
  readonly panel: ComputedRef<Panel | null>
  /** The labels that structures are called by; empty: the reader names them. */
  readonly labels: ComputedRef<readonly string[]>
  /** What structures are called by where there are no labels, with a number behind. */
  readonly structureWord: (usual: string) => string
  /** "case 2 of 10"; how many there are is not told while some come again. */
  readonly placeWords: (position: number) => string
  readonly afterCommit: ComputedRef<AfterCommit>
  /** Asked for again once `after` is done: until then nothing is said of what comes next. */
  readonly load: (after?: Promise<unknown>) => Promise<void>
}

const isOpen = ({ state }: PanelCase): boolean => state === 'not-read' || state === 'draft'

/** Asks for the panel's cases as the program gives them to the rater; null: the case is read outside a panel. */
export function usePanelCourse(panelId: string | null): PanelCourse {
  const cases = shallowRef<PanelCases | null>(null)
  const isSettled = ref(false)
  async function load(after?: Promise<unknown>): Promise<void> {
    isSettled.value = false
    await after
    if (panelId === null) return
    const answer = await getJson(`panels/${encodeURIComponent(panelId)}/cases`, PanelCases)
    if (answer.ok) cases.value = answer.value
    isSettled.value = answer.ok
  }
  void load()
  const panel = computed(() => cases.value?.panel ?? null)
  const next = computed(() => {
    if (!isSettled.value || panel.value === null || panel.value.closedAt !== null) return null
    for (const one of cases.value?.cases ?? [])
      if (isOpen(one) && one.subject !== null) return { subject: one.subject, position: one.position }
    return null
  })
  const end = computed(() => {
    if (!isSettled.value || panel.value === null) return ''
    const { closedAt, cases: all, committed } = panel.value
    if (closedAt !== null) return 'The panel is closed.'
    return committed === all
      ? 'That was the last case of the panel.'
      : 'The next case is not open here: ask for its folder to be opened.'
  })
  return {
    panel,
    load,
    labels: computed(() => panel.value?.words.labels ?? []),
    structureWord: (usual) => structureWord(usual, panel.value?.words.target ?? ''),
    placeWords: (position) =>
      panel.value?.cases == null ? `case ${position}` : `case ${position} of ${panel.value.cases}`,
    afterCommit: computed(() => ({
      inPanel: panelId !== null,
      next: next.value,
      end: end.value,
      isOver: panel.value?.closedAt != null,
    })),
  }
}
