/** What was taken from a sender is opened, however much comes at once and whatever was open under its name. */
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { accept } from '../../../contract'
import { archiveFolder } from '../archive-folder'
import { openDeliveries } from './deliveries'
import type { Deliveries } from './deliveries'

const folder = archiveFolder('/nowhere', '')
const fileOf = (study: number): string => join(folder.received, `1.${study}`, '2.1', '3.1.dcm')

/** Deliveries whose library has these files open; what it reads is noted. */
function deliveriesHere(open: readonly string[] = []): { deliveries: Deliveries; read: string[] } {
  const read: string[] = []
  const deliveries = openDeliveries({
    folder,
    nowMs: () => 0,
    library: {
      filesOf: () => open,
      addRoot: (path) => Promise.resolve(accept(path)),
      scan: (paths) => {
        read.push(...paths)
        return Promise.resolve(accept(null as never))
      },
    },
  })
  return { deliveries, read }
}
const send = (deliveries: Deliveries, study: number, isNew = true): void => {
  const uids = { studyUid: `1.${study}`, seriesUid: '2.1', sopInstanceUid: '3.1' }
  deliveries.kept({ from: 'PACS', ...uids, isNew })
}

test('thirty studies at once are all opened, and the newest twenty are told', async () => {
  const { deliveries, read } = deliveriesHere()
  for (let study = 0; study < 30; study += 1) send(deliveries, study)
  deliveries.quiet()
  await vi.waitFor(() => {
    expect(new Set(read).size).toBe(30)
  })
  expect(deliveries.list()).toHaveLength(20)
  await deliveries.close()
})

test('a study is read again where an object came anew under a name that is open, not where the same came again', async () => {
  const { deliveries, read } = deliveriesHere([fileOf(1)])
  send(deliveries, 1)
  deliveries.quiet()
  await vi.waitFor(() => {
    expect(deliveries.list()[0]?.isOpen).toBe(true)
  })
  read.length = 0
  send(deliveries, 1, false)
  deliveries.quiet()
  await vi.waitFor(() => {
    expect(deliveries.list()[0]?.isOpen).toBe(true)
  })
  expect(read).toEqual([])
  // Its owner removed the old one, and the sender gave a corrected one.
  send(deliveries, 1)
  deliveries.quiet()
  await vi.waitFor(() => {
    expect(read).toEqual([join(folder.received, '1.1')])
  })
  await deliveries.close()
})

test('a series whose sender broke off is told as such, until it came in an association that began later and ended well', async () => {
  const { deliveries } = deliveriesHere()
  const series = [{ studyUid: '1.1', seriesUid: '2.1' }]
  const isTold = (): boolean | undefined => deliveries.list()[0]?.brokeOff
  send(deliveries, 1)
  deliveries.ended({ series, isWhole: true, beganMs: 0, endedMs: 1 })
  expect(isTold()).toBe(false)
  deliveries.ended({ series, isWhole: false, beganMs: 2, endedMs: 5 })
  expect(isTold()).toBe(true)
  // Beside it, of other images; then of another series.
  deliveries.ended({ series, isWhole: true, beganMs: 3, endedMs: 9 })
  deliveries.ended({
    ...{ series: [{ studyUid: '1.1', seriesUid: '2.2' }], isWhole: true },
    ...{ beganMs: 10, endedMs: 11 },
  })
  expect(isTold()).toBe(true)
  deliveries.ended({ series, isWhole: true, beganMs: 12, endedMs: 13 })
  expect(isTold()).toBe(false)
  await deliveries.close()
})
