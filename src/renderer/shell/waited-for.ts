import { computed, watch } from 'vue'
import { useLibrary } from '../library/library'
import { useRuns } from '../run/runs'

/** How far what a person waits for has come, for the task bar of the window: a scan, or samples that are drawn. */
export function tellWaitedFor(): void {
  const library = useLibrary()
  const runs = useRuns()
  const fraction = computed(() => {
    const { activity } = library
    if (activity.kind === 'scanning' || activity.kind === 'receiving')
      return activity.filesTotal === 0 ? 0 : activity.filesRead / activity.filesTotal
    const run = runs.running
    return run === null ? null : Math.min(1, run.masks.length / run.request.samples)
  })
  watch(fraction, (now) => window.margin?.tellProgress(now))
}
