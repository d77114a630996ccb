/** A place in the image, in index coordinates: (0, 0) is the centre of the first pixel. */
export interface ImagePoint {
  readonly column: number
  readonly row: number
}
