import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

/** Work that goes on whatever view is open, by true counts. */
export interface BackgroundWork {
  readonly title: string
  readonly done: number
  readonly total: number
}

/** What the top bar tells of it; null: nothing is under way. */
export const useBackgroundWork = defineStore('background-work', () => ({
  work: shallowRef<BackgroundWork | null>(null),
}))
