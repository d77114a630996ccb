/** Pixels of a photograph: the largest fundus cameras make 50 megapixels. As colours they take 192 MB. */
export const MAX_PICTURE_PIXELS = 64_000_000
/** What libvips may take for one picture, where it listens. */
export const PICTURE_LIMIT_SECONDS = 5
