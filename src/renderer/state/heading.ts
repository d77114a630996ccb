import { computed, type ComputedRef } from 'vue'
import { eyeOf, imageSize, kindOfSeries, slicesOfStep, subjectOfSeries } from '../words/case-words'
import { useLibrary } from './library'
import { useLocation } from './location'

/** What stands in the middle of the top bar: whom, what, how much. Empty in the library. */
export function useHeading(): ComputedRef<readonly string[]> {
  const location = useLocation()
  const library = useLibrary()
  return computed(() => {
    const place = location.place
    if (place.view === 'series') {
      const summary = library.result?.series.find((series) => series.seriesUid === place.seriesUid)
      if (summary !== undefined)
        return [subjectOfSeries(summary), kindOfSeries(summary), slicesOfStep(summary)]
    }
    if (place.view === 'image') {
      const image = library.result?.images.find((other) => other.imageId === place.imageId)
      if (image !== undefined) return [image.name, `photograph, ${eyeOf(image)}`, imageSize(image)]
    }
    return []
  })
}
