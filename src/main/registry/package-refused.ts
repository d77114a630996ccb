/** A refusal that stops the reading of a package; caught where it began. */
export class PackageRefused extends Error {
  constructor(
    readonly reason: string,
    /** The file in the package. */
    readonly path: string,
  ) {
    super(reason)
  }
}

/** A file of a package as JSON of a form yet unknown. */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new PackageRefused(`${file} is not JSON.`, file)
  }
}
