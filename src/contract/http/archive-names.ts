import { z } from 'zod'

/** PS3.5 6.2, AE: up to 16 characters, no backslash, no control characters, not blanks alone. */
export const AeTitle = z
  .string()
  .regex(/^[\x20-\x5b\x5d-\x7e]{1,16}$/, 'is no AE title')
  .refine((title) => title.trim() !== '', 'is no AE title')

/** A file beside the settings of archives: no way leads out of their folder. */
export const SettingsFileName = z.string().regex(/^[\w][\w.-]{0,99}$/, 'names a file beside archives.json')
