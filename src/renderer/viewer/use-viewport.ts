import { onBeforeUnmount, onMounted, ref, shallowRef } from 'vue'
import type { Ref, ShallowRef } from 'vue'
import { Viewport } from './viewport'
import type { ViewportLayout } from './viewport'

/** A viewport that lives as long as the component and follows the size of its element. */
export interface MountedViewport {
  /** Null before the component is mounted. */
  readonly viewport: Readonly<ShallowRef<Viewport | null>>
  readonly layout: Readonly<ShallowRef<ViewportLayout | null>>
  /** Grows whenever the picture was painted anew. */
  readonly pictureVersion: Readonly<Ref<number>>
}

/** Size of an element in CSS pixels that are whole device pixels, so that nothing is resampled on the way to the screen. */
function wholeSize(element: HTMLElement, ratio: number): { width: number; height: number } {
  const whole = (length: number): number => Math.floor(length * ratio) / ratio
  return { width: whole(element.clientWidth), height: whole(element.clientHeight) }
}

export function useViewport(host: Readonly<Ref<HTMLElement | null>>): MountedViewport {
  const viewport = shallowRef<Viewport | null>(null)
  const layout = shallowRef<ViewportLayout | null>(null)
  const pictureVersion = ref(0)
  const fit = (): void => {
    const ratio = window.devicePixelRatio
    if (host.value !== null) viewport.value?.resize(wholeSize(host.value, ratio), ratio)
  }
  const observer = new ResizeObserver(fit)
  onMounted(() => {
    if (host.value === null) return
    viewport.value = new Viewport(host.value, {
      layoutChanged: (changed) => {
        layout.value = changed
      },
      pictureChanged: () => {
        pictureVersion.value += 1
      },
    })
    fit()
    observer.observe(host.value)
    // A window moved to another screen changes its pixel ratio without changing its size.
    window.addEventListener('resize', fit)
  })
  onBeforeUnmount(() => {
    observer.disconnect()
    window.removeEventListener('resize', fit)
    viewport.value?.close()
    viewport.value = null
  })
  return { viewport, layout, pictureVersion }
}
