import { computed, type ComputedRef } from 'vue'
import { eyeOf, imageSize, kindOfSeries, slicesOfStep, subjectOfSeries } from '../../core/words/case-words'
import { useLibrary } from '../library/library'
import { type Place, useLocation } from '../browser/location'

/** What stands in the middle of the top bar: whom, what, how much. Empty in the library. */
export function useHeading(): ComputedRef<readonly string[]> {
  const location = useLocation()
  const library = useLibrary()
  return computed(() => {
    const place = location.place
    // The cases of a panel are not named: a repeat is not to be known again.
    if (place.view === 'annotate' && place.panelId !== null) return ['Panel']
    const { seriesUid, imageId } = subjectOf(place)
    if (seriesUid !== undefined) {
      const summary = library.result?.series.find((series) => series.seriesUid === seriesUid)
      if (summary !== undefined)
        return [subjectOfSeries(summary), kindOfSeries(summary), slicesOfStep(summary)]
    }
    if (imageId !== undefined) {
      const image = library.result?.images.find((other) => other.imageId === imageId)
      if (image !== undefined) return [image.name, `photograph, ${eyeOf(image)}`, imageSize(image)]
    }
    return []
  })
}

function subjectOf(place: Place): { readonly seriesUid?: string; readonly imageId?: string } {
  if (place.view === 'series') return { seriesUid: place.seriesUid }
  if (place.view === 'image') return { imageId: place.imageId }
  return place.view === 'annotate' || place.view === 'compare' ? place.subject : {}
}
