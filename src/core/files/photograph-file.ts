const PHOTOGRAPH = /\.(?:png|jpe?g|tiff?)$/i

/** Whether a file's name has the ending of a photograph. */
export const isPhotographFile = (path: string): boolean => PHOTOGRAPH.test(path)
