/** What the picture process can do: everything that needs libvips while a door is open. Each gives a `Result`. */
export { describePhotograph, photographPixels, photographThumbnail, pixelsThumbnail } from './photograph'
export { describeGreyPlanes, greyPlane } from './grey-planes'
export { readMaskPicture } from './mask-picture'
export { pngOf } from './raw-picture'
export { drawnPicture, pictureUnderMap, readsBack, scaledPicture } from './figure-picture'
