/** What the picture process can do: everything that needs libvips while a door is open. */
export { describePhotograph, photographPixels, photographThumbnail, pixelsThumbnail } from './photograph'
export { readMaskPicture } from './mask-picture'
export { pngOf } from './png-of'
