import { expect, it } from 'vitest'
import type { Measurement, MeasurementShape } from '../../contract'
import type { ImagePoint } from '../../core/geometry/image-point'
import { createMeasureHands } from './measure-hands'

const at = (column: number, row: number): ImagePoint => ({ column, row })

function handsWith(shape: MeasurementShape, here: readonly Measurement[] = []) {
  const laid: (readonly ImagePoint[])[] = []
  const moved: (readonly ImagePoint[])[] = []
  const hands = createMeasureHands({
    shape: () => shape,
    here: () => here,
    reachPx: () => 3,
    lay: (_shape, points) => laid.push(points),
    move: (_measurement, points) => moved.push(points),
  })
  const stroke = (from: ImagePoint, to: ImagePoint): void => {
    const strokes = hands.begin(from, false)
    strokes?.move(to)
    strokes?.end(to, from === to)
  }
  return { hands, laid, moved, stroke }
}

it('a drag is a ruler, a click is none', () => {
  const { hands, laid, stroke } = handsWith('ruler')
  const here = at(9, 9)
  stroke(here, here)
  expect([laid, hands.draft.value]).toEqual([[], null])
  stroke(at(1, 1), at(20, 30))
  expect(laid).toEqual([[at(1, 1), at(20, 30)]])
})

it('two drags are two diameters; Escape in the second leaves the first, between them it drops it', () => {
  const { hands, laid, stroke } = handsWith('diameters')
  stroke(at(0, 0), at(40, 0))
  hands.begin(at(20, -10), false)?.cancel()
  expect([laid, hands.draft.value?.points]).toEqual([[], [at(0, 0), at(40, 0)]])
  stroke(at(20, -10), at(20, 10))
  expect(laid).toEqual([[at(0, 0), at(40, 0), at(20, -10), at(20, 10)]])
  stroke(at(0, 0), at(40, 0))
  expect([hands.drop(), hands.drop()]).toEqual([true, false])
})

it('an angle is a drag and a press; a polygon closes at its first corner', () => {
  const angle = handsWith('angle')
  angle.stroke(at(0, 0), at(10, 0))
  angle.stroke(at(10, 20), at(10, 25))
  expect(angle.laid).toEqual([[at(0, 0), at(10, 0), at(10, 25)]])
  const polygon = handsWith('polygon')
  for (const corner of [at(0, 0), at(20, 0), at(20, 20)]) polygon.stroke(corner, corner)
  expect(polygon.laid).toEqual([])
  const home = at(1, 2)
  polygon.stroke(home, home)
  expect(polygon.laid).toEqual([[at(0, 0), at(20, 0), at(20, 20)]])
})

it('a press on a point of what stands moves that point, and a click on it leaves all as it is', () => {
  const ruler: Measurement = {
    ...{ measurementId: 'm', name: 'Ruler 1', shape: 'ruler', place: { sliceIndex: 0 } },
    points: [at(0, 0), at(40, 0)],
  }
  const { hands, laid, moved, stroke } = handsWith('ruler', [ruler])
  const end = at(39, 1)
  stroke(end, end)
  expect([moved, hands.taken.value]).toEqual([[], null])
  stroke(end, at(50, 8))
  expect([laid, moved]).toEqual([[], [[at(0, 0), at(50, 8)]]])
})

it('a drag goes nowhere once its slice has gone, be it a new one or a point that is moved', () => {
  const place = { sliceIndex: 1 }
  const ruler: Measurement = {
    measurementId: 'm',
    name: 'R',
    shape: 'ruler',
    place,
    points: [at(5, 5), at(9, 9)],
  }
  const { hands, laid, moved } = handsWith('ruler', [ruler])
  for (const from of [at(50, 50), at(5, 5)]) {
    const stroke = hands.begin(from, false)
    stroke?.move(at(60, 60))
    hands.drop()
    stroke?.move(at(70, 70))
    expect([hands.draft.value, hands.taken.value]).toEqual([null, null])
    stroke?.end(at(80, 80), false)
  }
  expect([laid, moved]).toEqual([[], []])
})
