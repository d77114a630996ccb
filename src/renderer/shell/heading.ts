import { computed, type ComputedRef } from 'vue'
import { eyeOf, imageSize, kindOfSeries, slicesOfStep, subjectOfSeries } from '../../core/words/case-words'
import { useLibrary } from '../library/library'
import { subjectOfPlace, useLocation } from '../browser/location'

/** What stands in the middle of the top bar: whom, what, how much. Empty in the library. */
export function useHeading(): ComputedRef<readonly string[]> {
  const location = useLocation()
  const library = useLibrary()
  return computed(() => {
    const place = location.place
    // The cases of a panel are not named: a repeat is not to be known again.
    if (place.view === 'annotate' && place.panelId !== null) return ['Panel']
    const subject = subjectOfPlace(place)
    if (subject?.kind === 'series') {
      const summary = library.result?.series.find(({ seriesUid }) => seriesUid === subject.seriesUid)
      if (summary !== undefined)
        return [subjectOfSeries(summary), kindOfSeries(summary), slicesOfStep(summary)]
    }
    if (subject?.kind === 'image') {
      const image = library.result?.images.find(({ imageId }) => imageId === subject.imageId)
      if (image !== undefined) return [image.name, `photograph, ${eyeOf(image)}`, imageSize(image)]
    }
    return []
  })
}
