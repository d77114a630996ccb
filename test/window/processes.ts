import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** A process and all that it started, as Linux lists them. */
export function family(pid: number): readonly number[] {
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), parentOf(Number(name))]),
  )
  const found = [pid]
  for (const each of found) {
    for (const [child, parent] of parents) if (parent === each) found.push(child)
  }
  return found
}

function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}

/** Inodes of the sockets that a process and its children hold. */
export function socketsOf(pid: number): readonly string[] {
  return family(pid).flatMap((each) => {
    try {
      return readdirSync(`/proc/${each}/fd`).flatMap((fd) => {
        const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${each}/fd/${fd}`))?.[1]
        return inode === undefined ? [] : [inode]
      })
    } catch {
      return []
    }
  })
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
