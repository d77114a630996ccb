/** The libraries carry no types: `emscripten.ts` checks what it takes out of them. */
declare module '@cornerstonejs/codec-charls/decodewasmjs' {
  const factory: unknown
  export default factory
}
declare module '@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs' {
  const factory: unknown
  export default factory
}
declare module '@cornerstonejs/codec-openjpeg/decodewasmjs' {
  const factory: unknown
  export default factory
}
declare module '@cornerstonejs/codec-openjph/wasmjs' {
  const factory: unknown
  export default factory
}
declare module '@cornerstonejs/codec-libjxl/decodewasmjs' {
  const factory: unknown
  export default factory
}

declare module 'dcmjs' {
  interface Dcmjs {
    readonly data: {
      readonly DicomMetaDictionary: {
        /** By `(GGGG,EEEE)` in upper case. */
        readonly dictionary: Readonly<
          Record<string, { readonly name: string; readonly vr: string } | undefined>
        >
      }
    }
  }
  const dcmjs: Dcmjs
  export default dcmjs
}
