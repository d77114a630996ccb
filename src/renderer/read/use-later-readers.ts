import { computed, watch } from 'vue'
import type { Subject } from '../../contract'
import type { SubjectPicture } from '../picture/use-picture'
import { useReadings } from '../readings/readings'
import { laterReaders } from '../run/later-readers'
import { useLesions } from '../run/lesion/lesions'
import { useRuns } from '../run/runs'
import type { RunOfTarget } from '../run/use-run-target'
import type { Places } from './use-places'

/** Readings that come in after a run are compared with its samples at once, as if they had been there before. */
export function useLaterReaders(
  subject: Subject,
  { spacingMm }: Pick<SubjectPicture, 'spacingMm'>,
  { chosen }: Pick<Places, 'chosen'>,
  { run, lesion, comparison }: Pick<RunOfTarget, 'run' | 'lesion' | 'comparison'>,
): void {
  const readings = useReadings()
  const lesions = useLesions()
  const runs = useRuns()
  const later = computed(() =>
    [run.value, comparison.run.value].flatMap((one) => {
      const readers = laterReaders(one, readings.setOf(subject), chosen.value?.structureId ?? null)
      return one === null || readers === null ? [] : [{ key: one.key, readers }]
    }),
  )
  const signature = (): string =>
    JSON.stringify(later.value.map(({ key, readers }) => [key, ...readers.map(({ readingId }) => readingId)]))
  watch(
    signature,
    () => {
      for (const { key, readers } of later.value) void runs.compareWith(key, readers, spacingMm.value)
    },
    { immediate: true },
  )

  const ids = (): string =>
    JSON.stringify(
      readings
        .setOf(subject)
        ?.structures.flatMap(({ readings: drawn }) => drawn.map(({ readingId }) => readingId)) ?? [],
    )
  watch(ids, () => {
    if (lesion.value?.phase === 'done') void lesions.compareAgain(lesion.value)
  })
}
