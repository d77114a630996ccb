import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

/**
 * Where readings are kept when nothing else is said: MARGIN_WORKSPACE, else the folder in which programs of this
 * system keep a user's data.
 */
export function defaultWorkspace(
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
  home: string = homedir(),
): string {
  const set = environment['MARGIN_WORKSPACE']
  if (set !== undefined && set !== '') return /^postgres(ql)?:\/\//.test(set) ? set : resolve(set)
  switch (platform) {
    case 'win32':
      return join(environment['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'Margin', 'workspace')
    case 'darwin':
      return join(home, 'Library', 'Application Support', 'Margin', 'workspace')
    default:
      return join(environment['XDG_DATA_HOME'] ?? join(home, '.local', 'share'), 'margin', 'workspace')
  }
}
