/** The part of the peer's interface that the bench uses; it is installed by the bench alone. */
declare module '@cornerstonejs/core' {
  export function init(): Promise<unknown>
  export function setUseCPURendering(use: boolean): void
  export const imageLoader: {
    registerImageLoader: (scheme: string, load: (imageId: string) => { promise: Promise<unknown> }) => void
  }
  export const metaData: { addProvider: (told: (kind: string, imageId: string) => unknown) => void }
  export const cache: { setMaxCacheSize: (bytes: number) => void }
  interface StackViewport {
    setStack: (imageIds: readonly string[], at: number) => Promise<string>
    setImageIdIndex: (at: number) => Promise<string>
    setProperties: (properties: { voiRange: { lower: number; upper: number } }) => void
    render: () => void
  }
  export class RenderingEngine {
    constructor(id: string)
    enableElement(input: { viewportId: string; type: string; element: HTMLElement }): void
    getViewport(id: string): StackViewport
  }
}
