/** A reader in the list, with the size on what is shown or why there is none. */
export interface ReaderRow {
  readonly letter: string
  readonly label: string
  /** Place in the table of readers' colours: 0 is A. */
  readonly colourIndex: number
  readonly size: string
}
