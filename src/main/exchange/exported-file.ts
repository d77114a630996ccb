/** A file to export. */
export interface ExportedFile {
  readonly name: string
  readonly bytes: Uint8Array
}
