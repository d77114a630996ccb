/**
 * Notes which packages the build puts into the program's own files, so that their licences come along with those of the
 * packages that it loads.
 *
 * @param {string} root of the repository
 */
export function bundledPackages(root) {
  /** @type {Set<string>} */
  const paths = new Set()
  return {
    /** @returns {import('vite').Plugin} for every part of the build */
    note: () => ({
      name: 'which packages are bundled',
      generateBundle(_options, bundle) {
        for (const file of Object.values(bundle))
          if (file.type === 'chunk') for (const id of file.moduleIds) noteModule(paths, root, id)
      },
    }),
    /** @returns {readonly string[]} their folders, from the root */
    paths: () => [...paths].sort(),
  }
}

/** @param {Set<string>} paths @param {string} root @param {string} id */
function noteModule(paths, root, id) {
  const path = id.replace(/^\0/, '')
  const found = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/?]+/.exec(
    path.startsWith(root) ? path.slice(root.length + 1) : '',
  )
  if (found !== null) paths.add(found[0])
}
