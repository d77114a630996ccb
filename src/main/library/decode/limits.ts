/** Limits of reading files. Each is there so that one bad file cannot take the program with it. */

/** A header is read in one go up to here; nearly all end within 16 KiB. */
export const FIRST_READ_BYTES = 32 * 1024
/** A file that must be in memory as a whole (deflated, compressed, archived) may be this large. */
export const MAX_WHOLE_FILE_BYTES = 1024 * 1024 * 1024
/** One file may keep a decode thread busy for this long; then it is refused and the thread replaced. */
export const FILE_LIMIT_MS = 5_000
/** Decoding every frame of a long multi-frame object on the command line. */
export const CANONICAL_LIMIT_MS = 60_000
/** Entries of one archive. */
export const MAX_ARCHIVE_ENTRIES = 50_000
/** The central directory of an archive: 50,000 entries with long names. */
export const MAX_CENTRAL_DIRECTORY_BYTES = 32 * 1024 * 1024
/** What a decode thread may take beside the bytes of files and pictures. */
export const THREAD_HEAP_MB = 512
/** Bytes of an XML file that are looked at for its root and its series UID. */
export const XML_LOOK_BYTES = 64 * 1024
