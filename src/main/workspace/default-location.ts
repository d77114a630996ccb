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

const ADDRESS = /^(postgres(?:ql)?:\/\/)(?:[^@/]*@)?/i

/** A location as it is told: an address without the user and the password in it. */
export const shownLocation = (location: string): string =>
  location.replace(ADDRESS, '$1').replace(/([?&])password=[^&]*/gi, '$1password=…')

/** Whether an address holds a password, which everybody on the computer could read in the list of its processes. */
export const holdsPassword = (location: string): boolean =>
  /^postgres(?:ql)?:\/\/[^@/]*:[^@/]+@/i.test(location) || /^postgres.*[?&]password=/i.test(location)
