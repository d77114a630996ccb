import { expect, test } from 'vitest'
import { diskRefusal } from './pacs-failure'

const told = (code: string, syscall: string): string | undefined =>
  diskRefusal(Object.assign(new Error('an error of the system'), { code, syscall }), '/folder')?.code

test('what the disk refuses is told of the disk, and what a connection refuses is not', () => {
  const ofDisk = [
    ['EEXIST', 'open'],
    ['ENOTDIR', 'mkdir'],
    ['EIO', 'write'],
    ['ENOSPC', 'write'],
    ['EACCES', 'open'],
  ] as const
  expect(ofDisk.map(([code, syscall]) => told(code, syscall))).toEqual(ofDisk.map(() => 'workspace-failed'))
  const ofConnection = [
    ['EPIPE', 'write'],
    ['ECONNRESET', 'read'],
    ['EACCES', 'listen'],
    ['ECONNREFUSED', 'connect'],
  ] as const
  expect(ofConnection.map(([code, syscall]) => told(code, syscall))).toEqual(
    ofConnection.map(() => undefined),
  )
})
