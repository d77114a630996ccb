import { nextTick, onBeforeUnmount, onMounted, ref, type Ref, watch } from 'vue'
import type { Camera } from './camera'
import type { ImageViewportMethods } from './viewport-types'

/** Two views of one picture: what moves or zooms one moves and zooms the other. */
export interface LinkedCameras {
  /** The pointer or the focus came to this view: it leads. */
  readonly lead: (place: 1 | 2) => void
  readonly moved: (place: 1 | 2, camera: Camera) => void
  /** What keys and lists ask of the image is done in the first view, and the second follows. */
  readonly methods: ImageViewportMethods
}

/** The second view shows what the first shows as soon as it is there, and whenever the window changes its size. */
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
  watch(
    () => two.value !== null,
    (isThere) => {
      if (isThere) align()
    },
    { flush: 'post' },
  )
  onMounted(() => {
    window.addEventListener('resize', align)
  })
  onBeforeUnmount(() => {
    window.removeEventListener('resize', align)
  })
  function led(): ImageViewportMethods | null {
    leading.value = 1
    return one.value
  }
  return {
    lead: (place) => {
      leading.value = place
    },
    moved: (place, camera) => {
      if (place === leading.value) (place === 1 ? two : one).value?.follow(camera)
    },
    methods: {
      zoomBy: (factor) => led()?.zoomBy(factor),
      fit: () => led()?.fit(),
      reset: () => led()?.reset(),
      zoomTo: (grid) => led()?.zoomTo(grid),
      follow: (camera) => led()?.follow(camera),
      camera: () => one.value?.camera() ?? null,
      isWhole: () => one.value?.isWhole() ?? true,
      toggleCursor: () => led()?.toggleCursor(),
      rulers: () => one.value?.rulers() ?? [],
      layRulers: (rulers) => one.value?.layRulers(rulers),
    },
  }
}
