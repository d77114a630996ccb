/**
 * The few web standards that both runtimes have and that core may use although it is compiled without the
 * libraries of either.
 */
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean })
  decode(input?: ArrayBufferView | ArrayBuffer): string
}

declare class TextEncoder {
  encode(input?: string): Uint8Array<ArrayBuffer>
}

declare function atob(base64: string): string
declare function btoa(letters: string): string
