/** The part of cornerstone-core 2.6.1 that cornerstone-adapter.ts uses; the package brings no types. */
declare module 'cornerstone-core' {
  export interface CornerstoneImage {
    readonly imageId: string
    readonly minPixelValue: number
    readonly maxPixelValue: number
    readonly slope: number
    readonly intercept: number
    readonly windowCenter: number
    readonly windowWidth: number
    readonly rows: number
    readonly columns: number
    readonly height: number
    readonly width: number
    readonly color: boolean
    readonly rgba: boolean
    readonly columnPixelSpacing: number
    readonly rowPixelSpacing: number
    readonly sizeInBytes: number
    readonly getPixelData: () => Int16Array | Uint16Array | Uint8Array
  }

  export interface CornerstoneViewport {
    readonly scale: number
    readonly translation: { readonly x: number; readonly y: number }
    readonly voi: { readonly windowWidth: number; readonly windowCenter: number }
    readonly voiLUT:
      | {
          readonly id: string
          readonly firstValueMapped: number
          readonly numBitsPerEntry: number
          readonly lut: readonly number[]
        }
      | undefined
    readonly invert: boolean
    readonly pixelReplication: boolean
    readonly rotation: number
    readonly hflip: boolean
    readonly vflip: boolean
  }

  export interface CornerstoneEnabledElement {
    readonly canvas: HTMLCanvasElement
    readonly renderingTools: { readonly renderCanvas?: HTMLCanvasElement }
  }

  interface Transform {
    transformPoint(x: number, y: number): { readonly x: number; readonly y: number }
  }

  interface Cornerstone {
    readonly internal: {
      readonly calculateTransform: (enabled: {
        readonly canvas: { readonly width: number; readonly height: number }
        readonly image: {
          readonly width: number
          readonly height: number
          readonly columns: number
          readonly rows: number
          readonly rowPixelSpacing: number
          readonly columnPixelSpacing: number
        }
        readonly viewport: CornerstoneViewport
      }) => Transform
      readonly generateLut: (
        image: {
          readonly minPixelValue: number
          readonly maxPixelValue: number
          readonly slope: number
          readonly intercept: number
          readonly cachedLut: undefined
        },
        windowWidth: number,
        windowCenter: number,
        invert: boolean,
        modalityLUT: undefined,
        voiLUT: CornerstoneViewport['voiLUT'],
      ) => Uint8ClampedArray
    }
    enable(element: HTMLElement): void
    disable(element: HTMLElement): void
    displayImage(element: HTMLElement, image: CornerstoneImage, viewport: CornerstoneViewport): void
    setViewport(element: HTMLElement, viewport: CornerstoneViewport): void
    resize(element: HTMLElement, fitToWindow: boolean): void
    getEnabledElement(element: HTMLElement): CornerstoneEnabledElement
  }
  const cornerstone: Cornerstone
  export default cornerstone
}
