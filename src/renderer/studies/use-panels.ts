import { ref, type Ref, shallowRef } from 'vue'
import {
  type EditPanel,
  GivenPassword,
  type NewPanel,
  type NewRater,
  Panel,
  PanelCases,
  PanelList,
  Rater,
  RaterList,
  type Refusal,
  type Result,
  Worklist,
} from '../../contract'
import { getJson, postJson } from '../wire/http'

/** What the owner does to raters and panels; each gives what the program said. */
interface OwnerActs {
  readonly addRater: (rater: NewRater) => Promise<Result<Rater>>
  readonly givePassword: (raterId: string) => Promise<Result<GivenPassword>>
  readonly retire: (raterId: string, retired: boolean) => Promise<Result<Rater>>
  readonly addPanel: (panel: NewPanel) => Promise<Result<Panel>>
  readonly editPanel: (panelId: string, change: EditPanel) => Promise<Result<Panel>>
  readonly closePanel: (panelId: string) => Promise<Result<Panel>>
}

export interface ShownPanels extends OwnerActs {
  readonly panels: Ref<readonly Panel[] | null>
  /** Of the chosen panel, in the order of the rater who asks. */
  readonly cases: Ref<PanelCases | null>
  readonly raters: Ref<readonly Rater[]>
  readonly worklist: Ref<Worklist | null>
  readonly refusal: Ref<Refusal | null>
  readonly isBusy: Ref<boolean>
  readonly load: () => Promise<void>
  readonly choose: (panelId: string) => Promise<void>
  readonly loadRaters: () => Promise<void>
  readonly loadWorklist: () => Promise<void>
}

/** Panels, their cases and raters as the server gives them to the rater who asks. */
export function usePanels(): ShownPanels {
  const panels = shallowRef<readonly Panel[] | null>(null)
  const cases = shallowRef<PanelCases | null>(null)
  const raters = shallowRef<readonly Rater[]>([])
  const worklist = shallowRef<Worklist | null>(null)
  const refusal = shallowRef<Refusal | null>(null)
  const isBusy = ref(false)

  function take<T>(answer: Result<T>, keep: (value: T) => void): void {
    refusal.value = answer.ok ? null : answer.refusal
    if (answer.ok) keep(answer.value)
  }

  async function choose(panelId: string): Promise<void> {
    take(await getJson(`panels/${encodeURIComponent(panelId)}/cases`, PanelCases), (found) => {
      cases.value = found
    })
  }
  async function load(): Promise<void> {
    const answer = await getJson('panels', PanelList)
    take(answer, (found) => {
      panels.value = found.panels
    })
    const own = panels.value?.find((one) => one.cases !== 0) ?? panels.value?.at(-1)
    const open = cases.value?.panel.panelId ?? own?.panelId
    if (answer.ok && open !== undefined) await choose(open)
  }
  async function loadRaters(): Promise<void> {
    take(await getJson('raters', RaterList), (found) => {
      raters.value = found.raters
    })
  }
  async function send<T>(work: () => Promise<Result<T>>, then: () => Promise<void>): Promise<Result<T>> {
    isBusy.value = true
    const answer = await work()
    isBusy.value = false
    if (answer.ok) await then()
    return answer
  }

  return {
    ...{ panels, cases, raters, worklist, refusal, isBusy, load, choose, loadRaters },
    loadWorklist: async () => {
      isBusy.value = true
      take(await getJson('worklist', Worklist), (found) => {
        worklist.value = found
      })
      isBusy.value = false
    },
    ...ownerActs(send, { load, loadRaters, choose }),
  }
}

type Send = <T>(work: () => Promise<Result<T>>, then: () => Promise<void>) => Promise<Result<T>>

const ownerActs = (
  send: Send,
  { load, loadRaters, choose }: Pick<ShownPanels, 'load' | 'loadRaters' | 'choose'>,
): OwnerActs => ({
  addRater: (rater) => send(() => postJson('raters', rater, Rater), loadRaters),
  givePassword: (raterId) =>
    send(() => postJson(`raters/${encodeURIComponent(raterId)}/password`, {}, GivenPassword), loadRaters),
  retire: (raterId, retired) =>
    send(() => postJson(`raters/${encodeURIComponent(raterId)}/retired`, { retired }, Rater), loadRaters),
  addPanel: async (panel) => {
    const made = await send(() => postJson('panels', panel, Panel), load)
    if (made.ok) await choose(made.value.panelId)
    return made
  },
  editPanel: (panelId, change) =>
    send(() => postJson(`panels/${encodeURIComponent(panelId)}`, change, Panel), load),
  closePanel: (panelId) =>
    send(() => postJson(`panels/${encodeURIComponent(panelId)}/close`, {}, Panel), load),
})
