import { expect, test } from 'vitest'
import { computed, ref } from 'vue'
import type { Target } from '../run/targets'
import { usePlaceMarks } from './place-marks'
import type { Places } from './use-places'

const target = (key: string, placeId: string | null, homeSlice: number): Target => ({
  ...{ key, label: key, structureId: null, placeId, askedAs: null, centre: { column: 3, row: 4 } },
  ...{ firstSlice: homeSlice, lastSlice: homeSlice, homeSlice },
})

test('places of the slice in view are marks, nothing else is, and the chosen one alone can be moved while drawing is open', () => {
  const index = ref(7)
  const [taken, moved]: [string[], string[]] = [[], []]
  let isLocked = false
  const { marks, onChoosePlace, onMovePlace } = usePlaceMarks(
    {
      targets: computed(() => [
        target('structure', null, 7),
        ...[target('a', 'A', 7), target('b', 'B', 7), target('elsewhere', 'C', 8)],
      ]),
      chosenKey: computed(() => 'b'),
      take: ({ key }: Target) => taken.push(key),
      moveTo: (placeId: string) => moved.push(placeId),
    } as unknown as Places,
    { index: computed(() => index.value) },
    () => isLocked,
  )
  expect(marks.value.map(({ key, isChosen, canMove }) => [key, isChosen, canMove])).toEqual([
    ['a', false, false],
    ['b', true, true],
  ])
  onChoosePlace('a')
  onMovePlace('b', { column: 1, row: 2 })
  onMovePlace('structure', { column: 1, row: 2 })
  onChoosePlace('gone')
  expect([taken, moved]).toEqual([['a'], ['B']])
  isLocked = true
  index.value = 8
  expect(marks.value.map(({ key }) => key)).toEqual(['elsewhere'])
  index.value = 7
  expect(marks.value.every(({ canMove }) => !canMove)).toBe(true)
})
