/// <reference types="vite/client" />

declare module '*.vue' {
  import type { Component } from 'vue'
  const component: Component
  export default component
}

/** What the preload script offers; absent in a browser. */
interface Window {
  readonly margin?: {
    /** Lets the user pick a folder, opens it as a root, and answers its path; null where the user thought better of it. */
    readonly pickFolder: () => Promise<string | null>
    /** Opens what was dropped or picked where it lies; answers the roots, none where the system knows no place of it. */
    readonly openDropped: (files: readonly File[]) => Promise<readonly string[]>
    /** Gestures that are not on disk: the window asks before it closes. */
    readonly tellUnsent: (count: number) => void
    /** How far what is waited for has come, 0 to 1, for the task bar; null: nothing is. */
    readonly tellProgress: (fraction: number | null) => void
    /** A second start, or the system, opened these roots. */
    readonly onOpen: (listener: (roots: readonly string[]) => void) => void
    /** Something was chosen in the menu bar. */
    readonly onCommand: (listener: (id: string) => void) => void
  }
}
