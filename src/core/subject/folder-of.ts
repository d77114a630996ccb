/** The folder of a path of either kind of slash, an archive's inside included; empty where it has none. */
export const folderOf = (path: string): string => /^(.*)[/\\][^/\\]*$/.exec(path)?.[1] ?? ''
