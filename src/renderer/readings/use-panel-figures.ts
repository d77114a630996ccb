import { computed, type ComputedRef, ref, shallowRef, watch } from 'vue'
import { PanelAgreement, PanelList, type Refusal } from '../../contract'
import { getJson } from '../wire/http'

/** Figures of the panel that a case belongs to. */
export interface PanelFigures {
  readonly name: ComputedRef<string>
  readonly agreement: ComputedRef<PanelAgreement | null>
  readonly refusal: ComputedRef<Refusal | null>
}

/** Asks for the figures whenever another panel is named; null: the case was read outside a panel. */
export function usePanelFigures(panelId: ComputedRef<string | null>): PanelFigures {
  const name = ref('')
  const agreement = shallowRef<PanelAgreement | null>(null)
  const refusal = shallowRef<Refusal | null>(null)
  watch(
    panelId,
    async (asked) => {
      agreement.value = null
      refusal.value = null
      if (asked === null) return
      const panels = await getJson('panels', PanelList)
      const figures = await getJson(`panels/${encodeURIComponent(asked)}/agreement`, PanelAgreement)
      if (panelId.value !== asked) return
      if (panels.ok) name.value = panels.value.panels.find((one) => one.panelId === asked)?.name ?? ''
      if (figures.ok) agreement.value = figures.value
      else refusal.value = figures.refusal
    },
    { immediate: true },
  )
  return {
    name: computed(() => name.value),
    agreement: computed(() => agreement.value),
    refusal: computed(() => refusal.value),
  }
}
