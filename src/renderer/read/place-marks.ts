import { computed, type ComputedRef } from 'vue'
import type { ImagePoint } from '../../core/geometry/image-point'
import type { SubjectPicture } from '../picture/use-picture'
import type { Target } from '../run/targets'
import type { PlaceMark } from '../viewer/viewport-types'
import type { Places } from './use-places'

/** Places as marks on the image of the slice that they lie on. */
export interface PlaceMarks {
  readonly marks: ComputedRef<readonly PlaceMark[]>
  readonly onChoosePlace: (key: string) => void
  readonly onMovePlace: (key: string, to: ImagePoint) => void
}

/** `isLocked`: nothing can be drawn here now, so that no place is moved. What readers outlined has its own letters. */
export function usePlaceMarks(
  { targets, chosenKey, take, moveTo }: Places,
  { index }: Pick<SubjectPicture, 'index'>,
  isLocked: () => boolean,
): PlaceMarks {
  const find = (key: string): Target | null => targets.value.find((target) => target.key === key) ?? null
  return {
    marks: computed(() =>
      targets.value
        .filter(({ placeId, homeSlice }) => placeId !== null && homeSlice === index.value)
        .map(({ key, label, centre }) => {
          const isChosen = key === chosenKey.value
          return { key, label, point: centre, isChosen, canMove: isChosen && !isLocked() }
        }),
    ),
    onChoosePlace: (key) => {
      const target = find(key)
      if (target !== null) take(target)
    },
    onMovePlace: (key, to) => {
      const placeId = find(key)?.placeId ?? null
      if (placeId !== null) moveTo(placeId, to)
    },
  }
}
