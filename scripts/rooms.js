/**
 * The rooms of the house, lowest first: a room imports itself and rooms that stand before it in its own list, never one
 * after it, so that no cycle can come about. Lint reads this list, and a test holds the folders to it.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const rooms = {
  core: [
    'subject',
    'words',
    'geometry',
    'image',
    'volume',
    'measurement',
    'files',
    'sampling',
    'contour',
    'dicom',
    'pacs',
    'uncertainty',
    'measures',
    'lesion',
    'guidelines',
    'comparison',
    'annotation',
    'lidc',
    'exchange',
    'phantom',
    'training',
  ],
  main: [
    'processes',
    'pictures',
    'workspace',
    'registry',
    'library',
    'pacs',
    'accounts',
    'inference',
    'readings',
    'demo',
    'exchange',
    'figures',
    'lesions',
    'training',
    'exports',
    'app',
    'compose',
    'doors',
    'cli',
  ],
  renderer: [
    'browser',
    'keys',
    'theme',
    'wire',
    'parts',
    'viewer',
    'library',
    'archive',
    'picture',
    'run',
    'readings',
    'studies',
    'measure',
    'draw',
    'planes',
    'read',
    'train',
    'shell',
  ],
}

/**
 * What each side may import of the others: the domain knows nobody, the program and the page never meet.
 *
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const sides = {
  contract: [],
  core: ['contract'],
  main: ['contract', 'core'],
  preload: ['contract'],
  renderer: ['contract', 'core'],
}
