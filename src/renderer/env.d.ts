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
  }
}
