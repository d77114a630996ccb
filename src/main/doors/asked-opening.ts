import { resolve } from 'node:path'
import { z } from 'zod'

/** What `margin open` asks the window to show, as JSON in the environment (command line switches belong to Chromium). */
const AskedByCommand = z.strictObject({
  paths: z.array(z.string()),
  demo: z.boolean(),
  workspace: z.string().nullable().default(null),
  /** Where the paths hold one case alone it is shown at once. */
  showsCase: z.boolean().default(false),
})
export type AskedOpening = z.infer<typeof AskedByCommand>

/** A second start hands this to the first. */
export const SecondStart = z.strictObject({ paths: z.array(z.string()), demo: z.boolean() })

/** How the program was started. */
export interface Start {
  readonly argv: readonly string[]
  readonly environment: NodeJS.ProcessEnv
  readonly cwd: string
  /** Electron's own program was given the path of ours as its first word; a packaged program was not. */
  readonly isPackaged: boolean
}

/** From `margin open`, or from the system: a double click on a file, "open with", a file dropped on the icon. */
export function askedOpening(start: Start): AskedOpening {
  const told = start.environment['MARGIN_OPEN']
  if (told !== undefined) return AskedByCommand.parse(JSON.parse(told))
  return { ...askedByWords(start), workspace: null, showsCase: true }
}

/** Words that are no switches are paths. */
function askedByWords({ argv, cwd, isPackaged }: Start): { paths: string[]; demo: boolean } {
  const words = argv.slice(isPackaged ? 1 : 2)
  const paths = words.filter((word) => word !== '' && !word.startsWith('-'))
  return { paths: paths.map((path) => resolve(cwd, path)), demo: words.includes('--demo') }
}
