import { mount } from '@vue/test-utils'
import { defineComponent } from 'vue'

/** What a composable gives inside of a component of its own, until `leave`. The stores are those that are active. */
export function inSetup<T>(setup: () => T): { readonly made: T; readonly leave: () => void } {
  const made: T[] = []
  const view = mount(
    defineComponent({
      setup: () => {
        made.push(setup())
        return () => null
      },
    }),
  )
  const [first] = made
  if (first === undefined) throw new Error('nothing was set up')
  return {
    made: first,
    leave: () => {
      view.unmount()
    },
  }
}
