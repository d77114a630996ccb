import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/**
 * What a program and all its children ask of Linux, by strace: every address they reach for and every file they write.
 * A look-up of a name is a packet to port 53, wherever it goes, or a word with a resolver's socket.
 */

const CALLS = [
  'socket,connect,bind,sendto,sendmsg,sendmmsg',
  'open,openat,openat2,creat,mkdir,mkdirat,mknod,mknodat',
  'rename,renameat,renameat2,link,linkat,symlink,symlinkat',
].join(',')

/** The command that runs another command and writes its calls to `log`. The traced program stays our direct child. */
export const traced =
  (log: string) =>
  (command: readonly string[]): readonly string[] => [
    'strace',
    '-D',
    '-f',
    '-q',
    '-y',
    '-s',
    '4096',
    '--seccomp-bpf',
    '-e',
    `trace=${CALLS}`,
    '-e',
    'signal=none',
    '-o',
    log,
    ...command,
  ]

/**
 * What to change in our environment to make it that of a person at home: what ONNX Runtime takes for a test or an
 * automatic build is gone, and so is what would keep file operations out of strace's sight.
 */
export function personalEnvironment(home: string, tmp: string): NodeJS.ProcessEnv {
  const hidden =
    /^(ORT_|XDG_|CI$|TF_BUILD|GITHUB_|GITLAB_|CIRCLECI|TRAVIS|JENKINS_|CODEBUILD_|BUILDKITE|TEAMCITY_|APPVEYOR|BITBUCKET_|SYSTEM_TEAM)/
  const gone = Object.keys(process.env).filter((name) => hidden.test(name))
  return {
    ...Object.fromEntries(gone.map((name) => [name, undefined])),
    HOME: home,
    TMPDIR: tmp,
    UV_USE_IO_URING: '0',
  }
}

const LIMIT_MS = 30_000

/** The log of the program `pid` once it has ended. */
export async function linesOf(log: string, pid: number): Promise<readonly string[]> {
  const until = performance.now() + LIMIT_MS
  // Numbers are padded to five digits.
  const end = new RegExp(`^${pid} +\\+\\+\\+ (exited|killed)`, 'm')
  for (;;) {
    const text = existsSync(log) ? readFileSync(log, 'utf8') : ''
    if (end.test(text)) return text.split('\n')
    if (performance.now() > until) throw new Error('the traced program does not end')
    await new Promise((next) => setTimeout(next, 100))
  }
}

/** Addresses outside this computer, and look-ups of names, as they stand in the log. */
export function reachedOutside(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => {
    if (line.includes('socket(AF_PACKET')) return true
    if (!/\b(connect|bind|sendto|sendmsg|sendmmsg)\(/.test(line)) return false
    if (/sun_path="[^"]*(nscd|resolve|avahi|dnsmasq).*= 0$/.test(line)) return true
    const addresses = [
      ...line.matchAll(/htons\((\d+)\)[^}]*?(?:inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)")/g),
    ]
    return addresses.some(([, port, four, six]) => {
      const here = /^127\.|^::1$|^::ffff:127\./.test(four ?? six ?? '')
      return !here || port === '53'
    })
  })
}

const WRITES = /\bO_(WRONLY|RDWR|CREAT)\b/
/** Neither is a file on a disk: devices, this process's own switches, memory that processes share. */
const NO_FILE = /^\/(dev|proc|sys)\//

/** Files and folders written, or tried to be, outside these folders. */
export function writtenOutside(lines: readonly string[], folders: readonly string[]): readonly string[] {
  // Whoever may write into a folder may make it.
  const inside = (path: string): boolean =>
    NO_FILE.test(path) ||
    folders.some((folder) => `${path}/`.startsWith(`${folder}/`) || isAbove(path, folder))
  const outside = lines.flatMap((line) => pathsWritten(line).filter((path) => !inside(path)))
  return [...new Set(outside)]
}

const isAbove = (path: string, folder: string): boolean => folder.startsWith(`${path}/`)

/** What a line writes: absolute, since -y gives the folder of every descriptor. */
function pathsWritten(line: string): readonly string[] {
  const call = /^\d+\s+(\w+)\((.*)$/.exec(line)
  const [, name = '', rest = ''] = call ?? []
  // A folder that is there already, or that a program only asks for, was not written.
  if (/= -1 (EEXIST|EISDIR)/.test(rest)) return []
  if (/^open/.test(name) && !WRITES.test(rest)) return []
  if (!/^(open|creat|mkdir|mknod|rename|link|symlink)/.test(name)) return []
  const pairs = [...rest.matchAll(/(?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)*)"/g)]
  // The target of a symbolic link is text, not a place that is written.
  const places = name.startsWith('symlink') ? pairs.slice(1) : pairs
  return places.map(([, folder = '/', path = '']) => resolve(folder, path))
}
