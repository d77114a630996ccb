const PHOTOGRAPH = /\.(?:png|jpe?g|tiff?)$/i

const PICTURE = /\.(?:png|jpe?g|tiff?|gif|webp|bmp)$/i

/** Whether a file's name has the ending of a picture, whether it can be opened here or not. */
export const isPictureFile = (path: string): boolean => PICTURE.test(path)

/** Whether a file's name has the ending of a photograph. */
export const isPhotographFile = (path: string): boolean => PHOTOGRAPH.test(path)
