/** Limits that hold before anything is allocated. Sizes in bytes. */

/** One decoded frame: 16,384 x 16,384 of 16 bit is 512 MiB and too much beside its source; half of that is let in. */
export const MAX_FRAME_BYTES = 256 * 1024 * 1024
/**
 * One frame that is packed: a few kilobytes unfold to this, and it is held four times on its way to the page. The largest
 * that are made (mammograms, 16 bit) have 60 MiB.
 */
export const MAX_UNPACKED_FRAME_BYTES = 96 * 1024 * 1024
/** More frames than any scanner writes into one object; whole slides stay below a million tiles. */
export const MAX_FRAMES = 1_000_000
/** RLE packs at most 128 bytes into 2. */
export const RLE_BEST_RATIO = 64
/** A deflated data set may unfold to this much, or to `INFLATED_RATIO` times its size where that is more ... */
export const SMALL_INFLATED_BYTES = 16 * 1024 * 1024
export const INFLATED_RATIO = 100
/** ... but never to more than this. */
export const MAX_INFLATED_BYTES = 512 * 1024 * 1024
/** Text beyond this is cut: no field that is shown needs more. */
export const LINEAR_TEXT_LIMIT = 64 * 1024

/** How much a deflated data set of this size may unfold to. */
export const inflatedLimitBytes = (deflatedBytes: number): number =>
  Math.min(MAX_INFLATED_BYTES, Math.max(SMALL_INFLATED_BYTES, INFLATED_RATIO * deflatedBytes))
