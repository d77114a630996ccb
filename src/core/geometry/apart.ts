/** Codes of what keeps the slices of a series from being one volume, whatever their places say. */

/** Slices state values of different units: nothing is put between them, and models read those in HU alone. */
export const UNITS_DIFFER = 'units-differ'
/** Slices state different frames of reference: their places are none of one body. */
export const FRAMES_DIFFER = 'frames-of-reference-differ'
