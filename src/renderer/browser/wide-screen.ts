import { onUnmounted, ref, type Ref } from 'vue'

/** Whether there is room for the larger strip of samples; the same bound as in tokens.css, 1720 px of usual text. */
export function useWideScreen(): Ref<boolean> {
  const query = window.matchMedia('(width >= 107.5em)')
  const isWide = ref(query.matches)
  const follow = (event: MediaQueryListEvent): void => {
    isWide.value = event.matches
  }
  query.addEventListener('change', follow)
  onUnmounted(() => {
    query.removeEventListener('change', follow)
  })
  return isWide
}
