import { join, resolve } from 'node:path'

/** What lies in the folder `archives` of the workspace: who is asked, and what came. */
export interface ArchiveFolder {
  readonly root: string
  readonly settings: string
  /** Series that were fetched, whole: `received/STUDY/SERIES/OBJECT.dcm`. */
  readonly received: string
  /** Series that are on their way, where nothing is opened: `arriving/STUDY/SERIES/OBJECT.dcm`. */
  readonly arriving: string
  /** Objects that are being sent here, under passing names. */
  readonly incoming: string
}

/** `location`: of the workspace; `ownData`: the folder that stands in for one that is an address. */
export function archiveFolder(location: string, ownData: string): ArchiveFolder {
  const isAddress = /^postgres(?:ql)?:\/\//i.test(location)
  const root = join(isAddress ? ownData : resolve(location), 'archives')
  return {
    root,
    settings: join(root, 'archives.json'),
    received: join(root, 'received'),
    arriving: join(root, 'arriving'),
    incoming: join(root, 'incoming'),
  }
}
