import { nextTick, onBeforeUnmount, onMounted, ref, type Ref } from 'vue'
import type { Camera } from '../viewer/camera'
import type { ImageViewportMethods } from '../viewer/viewport-types'

/** Two views of one picture: what moves or zooms one moves and zooms the other. */
export interface LinkedCameras {
  /** The pointer or the focus came to this view: it leads. */
  readonly lead: (place: 1 | 2) => void
  readonly moved: (place: 1 | 2, camera: Camera) => void
  /** What keys and lists ask of the image is done in the first view, and the second follows. */
  readonly led: () => ImageViewportMethods | null
}

export function useLinkedCameras(
  one: Readonly<Ref<ImageViewportMethods | null>>,
  two: Readonly<Ref<ImageViewportMethods | null>>,
): LinkedCameras {
  const leading = ref<1 | 2>(1)
  function align(): void {
    leading.value = 1
    void nextTick(() => {
      requestAnimationFrame(() => {
        const camera = one.value?.camera() ?? null
        if (camera !== null) two.value?.follow(camera)
      })
    })
  }
  onMounted(() => {
    window.addEventListener('resize', align)
    align()
  })
  onBeforeUnmount(() => {
    window.removeEventListener('resize', align)
  })
  return {
    lead: (place) => {
      leading.value = place
    },
    moved: (place, camera) => {
      if (place === leading.value) (place === 1 ? two : one).value?.follow(camera)
    },
    led: () => {
      leading.value = 1
      return one.value
    },
  }
}
