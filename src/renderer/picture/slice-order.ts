import { defineStore } from 'pinia'
import { ref } from 'vue'
import { keepText, keptText } from '../browser/kept'

const NAME = 'slice-order'
const TURNED = 'last first'

/**
 * Which end of a series lies at the top of the slice track, and so which way the wheel goes: slice 1 (the head of an
 * axial CT), or turned the last one. Kept for this browser. It never changes the number of a slice.
 */
export const useSliceOrder = defineStore('slice-order', () => {
  const isTurned = ref(keptText(NAME) === TURNED)
  function turn(): void {
    isTurned.value = !isTurned.value
    keepText(NAME, isTurned.value ? TURNED : '')
  }
  return { isTurned, turn }
})
