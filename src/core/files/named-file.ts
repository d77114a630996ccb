/** A file by its path with forward slashes. */
export interface NamedFile {
  readonly path: string
  readonly bytes: Uint8Array
}
