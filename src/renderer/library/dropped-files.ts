/** A file that the user gave, with its path inside what was dropped or picked. */
export interface GivenFile {
  readonly path: string
  readonly file: File
}

/** What an `<input type=file>` holds; `webkitRelativePath` is set where a folder was picked. */
export function pickedFiles(list: FileList | null): readonly GivenFile[] {
  return [...(list ?? [])].map((file) => ({
    path: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath,
    file,
  }))
}

/** True while files (not text, not a link) are dragged. */
export const holdsFiles = (transfer: DataTransfer | null): boolean =>
  transfer?.types.includes('Files') ?? false

/**
 * All files under what was dropped, folders walked. The entries must be taken before the first await: a browser
 * empties the transfer when the drop handler returns.
 */
export async function droppedFiles(transfer: DataTransfer): Promise<readonly GivenFile[]> {
  const entries = [...transfer.items]
    .map((item) => item.webkitGetAsEntry())
    .filter((entry): entry is FileSystemEntry => entry !== null)
  if (entries.length === 0) return pickedFiles(transfer.files)
  const found: GivenFile[] = []
  const waiting = [...entries]
  for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) {
    if (isFileEntry(entry)) {
      found.push({ path: entry.fullPath.replace(/^\//, ''), file: await fileOf(entry) })
    } else if (isFolderEntry(entry)) {
      waiting.push(...(await childrenOf(entry)))
    }
  }
  return found
}

const isFileEntry = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile
const isFolderEntry = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => {
    entry.file(resolve, reject)
  })

/** A reader gives at most 100 entries a call and an empty list at the end. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<readonly FileSystemEntry[]> {
  const reader = folder.createReader()
  const children: FileSystemEntry[] = []
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject)
    })
    if (batch.length === 0) return children
    children.push(...batch)
  }
}
