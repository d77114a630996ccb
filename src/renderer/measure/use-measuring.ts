import { computed, type ComputedRef, ref, type Ref, shallowRef, watch } from 'vue'
import { cleanLabel, type Measurement, type MeasurementShape, type Subject } from '../../contract'
import {
  figuresOf,
  type MeasurementFigures,
  type SliceValues,
  sliceValues,
} from '../../core/measurement/figures'
import { namedPlace, numberNow } from '../../core/subject/slice-places'
import { measurementLines, SHAPE_WORDS } from '../../core/measurement/measurement-words'
import { usePictures } from '../picture/pictures'
import type { SubjectPicture } from '../picture/use-picture'
import type { ViewSettings } from '../picture/view-settings'
import type { ImageViewportMethods, MeasuredMark, ViewportPicture } from '../viewer/viewport-types'
import { createMeasureHands, type MeasureHands } from './measure-hands'
import { type Measurements, useMeasurements } from './use-measurements'

/** A measurement of the list: on which slice it lies now, and what it says. */
export interface MeasurementRow {
  readonly measurement: Measurement
  /** Null: its slice is not among those that are open. */
  readonly slice: number | null
  readonly lines: readonly string[]
}

/** Measuring on the slice in view, and what was measured before. */
export interface Measuring {
  readonly kept: Measurements
  readonly hands: MeasureHands
  readonly shape: Ref<MeasurementShape>
  /** Those of the slice in view, and the draft. */
  readonly marks: ComputedRef<readonly MeasuredMark[]>
  readonly rows: ComputedRef<readonly MeasurementRow[]>
  readonly chosen: Ref<string | null>
  readonly choose: (row: MeasurementRow) => void
  readonly rename: (measurement: Measurement, name: string) => void
  /** The tool as the viewport knows it: what lays a measurement is one tool there. */
  readonly isOn: ComputedRef<boolean>
}

/** A press within this of a point on the screen takes it. */
const REACH_PX = 9

/** Values of a grey slice, as its file means them. */
const valuesOf = ({ description, pixels }: ViewportPicture): SliceValues | null =>
  sliceValues(description, pixels)

export function useMeasuring(
  subject: Subject,
  shown: SubjectPicture,
  view: ViewSettings,
  viewport: () => ImageViewportMethods | null,
): Measuring {
  const kept = useMeasurements(subject)
  const shape = ref<MeasurementShape>('ruler')
  const chosen = ref<string | null>(null)
  const slices = computed(() => shown.detail.value?.slices ?? null)
  const sliceOf = computed(() => numberNow(slices.value))
  const here = computed(() =>
    shown.picture.value === null
      ? []
      : kept.list.value.filter(({ place }) => sliceOf.value(place) === shown.index.value),
  )
  function lay(of: MeasurementShape, points: Measurement['points']): void {
    const measurementId = crypto.randomUUID()
    const place = namedPlace({ sliceIndex: shown.index.value }, slices.value)
    kept.put({ measurementId, name: nameFor(of, kept.list.value), shape: of, place, points })
    chosen.value = measurementId
  }
  const hands = createMeasureHands({
    shape: () => shape.value,
    here: () => here.value,
    reachPx: () => REACH_PX / (viewport()?.camera()?.zoom ?? 1),
    lay,
    move: (measurement, points) => {
      kept.put({ ...measurement, points })
      chosen.value = measurement.measurementId
    },
  })
  watch([shown.index, shape, view.tool], hands.drop)
  endWithTool(view, shape, chosen)
  const figures = useFigures(shown, kept.list, sliceOf)
  return {
    ...{ kept, hands, shape, chosen },
    isOn: computed(() => view.tool.value === 'ruler' && kept.isLoaded.value),
    marks: computed(() => {
      const standing = here.value.filter(({ measurementId }) => measurementId !== hands.taken.value)
      const marks = standing.map((one) => markOf(one, figures.of(one), one.measurementId === chosen.value))
      return [...marks, ...draftMark(hands, shown)]
    }),
    rows: computed(() =>
      kept.list.value.map((measurement) => ({
        measurement,
        slice: sliceOf.value(measurement.place),
        lines: measurementLines(figures.of(measurement)),
      })),
    ),
    choose: ({ measurement, slice }) => {
      chosen.value = measurement.measurementId
      if (slice !== null) shown.goTo(slice)
    },
    rename: (measurement, typed) => {
      const name = cleanLabel(typed)
      if (name !== '' && name !== measurement.name) kept.put({ ...measurement, name })
    },
  }
}

/** The ruler is what the tool bar calls it: other shapes last for as long as they are laid, and a choice with them. */
function endWithTool({ tool }: ViewSettings, shape: Ref<MeasurementShape>, chosen: Ref<string | null>): void {
  watch(tool, (now) => {
    if (now === 'ruler') return
    shape.value = 'ruler'
    chosen.value = null
  })
}

/** "Ruler 2": the first number that is free. */
function nameFor(shape: MeasurementShape, list: readonly Measurement[]): string {
  const names = new Set(list.map(({ name }) => name))
  let number = 1
  while (names.has(`${SHAPE_WORDS[shape]} ${number}`)) number += 1
  return `${SHAPE_WORDS[shape]} ${number}`
}

const markOf = (
  { shape, points }: Measurement,
  figures: MeasurementFigures,
  isChosen: boolean,
): MeasuredMark => ({ shape, points, lines: measurementLines(figures), isChosen })

function draftMark({ draft }: MeasureHands, { spacingMm, picture }: SubjectPicture): readonly MeasuredMark[] {
  if (draft.value === null) return []
  const { shape, points } = draft.value
  const isWhole = shape !== 'diameters' || points.length === 4
  const asRuler = shape === 'diameters' && points.length === 2 ? ('ruler' as const) : shape
  if (points.length < 2 || (shape === 'angle' && points.length < 3))
    return [{ shape, points, lines: [], isChosen: true }]
  const values = picture.value === null ? null : valuesOf(picture.value)
  const figures = figuresOf({ shape: asRuler, points }, spacingMm.value, values)
  const more = isWhole ? [] : ['now the short one, across']
  return [{ shape, points, lines: [...measurementLines(figures), ...more], isChosen: true }]
}

/** Figures of all measurements; those with values once the slice that they lie on is here. */
function useFigures(
  shown: SubjectPicture,
  list: ComputedRef<readonly Measurement[]>,
  sliceOf: ComputedRef<(place: Measurement['place']) => number | null>,
) {
  const pictures = usePictures()
  const known = shallowRef<ReadonlyMap<Measurement, MeasurementFigures>>(new Map())
  async function look(measurement: Measurement): Promise<void> {
    const detail = shown.detail.value
    const slice = sliceOf.value(measurement.place)
    if (detail === null || slice === null) return
    const picture = await pictures.loadSlice(detail, slice)
    if (!picture.ok) return
    const figures = figuresOf(measurement, shown.spacingMm.value, valuesOf(picture.value))
    known.value = new Map([...known.value, [measurement, figures]])
  }
  watch(
    [list, shown.detail],
    () => {
      const isArea = ({ shape }: Measurement): boolean => ['ellipse', 'rectangle', 'polygon'].includes(shape)
      for (const one of list.value.filter(isArea)) if (!known.value.has(one)) void look(one)
    },
    { immediate: true },
  )
  return {
    of: (measurement: Measurement): MeasurementFigures =>
      known.value.get(measurement) ?? figuresOf(measurement, shown.spacingMm.value, null),
  }
}
