import { computed, ref, watch, type Ref } from 'vue'
import { keepText, keptText } from '../browser/kept'
import { useHeading } from './heading'

const KEPT = 'title-patient'

/**
 * The window's title says what is read. It stands in lists of windows, on shared screens and in their recordings, so
 * whom it is of (and a file's own name) comes into it only where a person asked for that; the choice is kept.
 */
export function useWindowTitle(): { readonly withPatient: Ref<boolean>; readonly toggle: () => void } {
  const heading = useHeading()
  const withPatient = ref(keptText(KEPT) === 'yes')
  const title = computed(() =>
    [...(withPatient.value ? heading.value : heading.value.slice(1)), 'Margin'].join(' · '),
  )
  watch(
    title,
    (now) => {
      document.title = now
    },
    { immediate: true },
  )
  function toggle(): void {
    withPatient.value = !withPatient.value
    keepText(KEPT, withPatient.value ? 'yes' : 'no')
  }
  return { withPatient, toggle }
}
