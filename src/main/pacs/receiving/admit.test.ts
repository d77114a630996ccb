import { expect, test } from 'vitest'
import { isKnownAddress } from './admit'

const from = [
  { aeTitle: 'HOSPITAL', address: '10.0.0.12' },
  { aeTitle: 'SCANNER', address: 'fd00:0:0::12' },
]
const knows = (address: string): boolean => isKnownAddress({ from } as never, address)

test('an address is known however it is written; a connection that was reset at once has none, and is nobody’s', () => {
  expect(['10.0.0.12', 'fd00::12', 'FD00::0012'].map(knows)).toEqual([true, true, true])
  expect(['10.0.0.13', 'fd00::13', '', 'no address'].map(knows)).toEqual([false, false, false, false])
})
