/** A file to hand out. */
export interface HandedOut {
  readonly name: string
  readonly bytes: Uint8Array
}
