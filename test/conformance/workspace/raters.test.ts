import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { NewRater, ONE_TIME_HOURS, RaterList } from '../../../src/contract'
import { createAccounts } from '../../../src/main/accounts/create-accounts'
import { hashPassword } from '../../../src/main/accounts/password'
import { openedWhenAsked } from '../../../src/main/workspace/opened-when-asked'
import { openWorkspace } from '../../../src/main/workspace/open-workspace'
import { quickFolder } from '../../postgres'
import { codeOf, sound } from './suite'

const root = mkdtempSync(join(quickFolder(), 'margin-raters-'))
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

const PASSWORD = 'a long password'
const unseen = [
  ...['\n', '\r', '\t', '\u0000', '\u007f', '\u0085', '\u00ad', '\u2028', '\u2029'],
  ...['\u202a', '\u202b', '\u202c', '\u202d', '\u202e', '\u2066', '\u2067', '\u2068', '\u2069'],
  ...['\u200b', '\u200c', '\u200d', '\u200e', '\u200f', '\u2060', '\ufeff', '\ud800'],
  ...['\u115f', '\u2800', '\u3164', '\uffa0', '\u{e0041}'],
]
const codeOfCharacter = (one: string): string =>
  `U+${(one.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`

test('a name with what cannot be seen is refused by the name of the character, wherever it stands', () => {
  const part = fc.constantFrom('', 'Ada', 'Jürgen', '李', ' ')
  fc.assert(
    fc.property(fc.constantFrom(...unseen), part, part, (one, before, after) => {
      const read = NewRater.safeParse({ name: before + one + after, password: PASSWORD, role: 'reader' })
      expect(read.error?.issues[0]?.message).toContain(codeOfCharacter(one))
    }),
  )
  for (const blank of ['', ' ', '\u00a0\u3000 '])
    expect(NewRater.safeParse({ name: blank, password: PASSWORD, role: 'reader' }).success).toBe(false)
  for (const name of ['Dr. Łukasz O’Neill-2', '山田 太郎', 'أحمد', 'Ζωή', 'नेहा', ' Ada '])
    expect(NewRater.parse({ name, password: PASSWORD, role: 'reader' }).name).toBe(name.trim())
})

test('what is wrong with a password is said as it is', () => {
  const wordsOf = (password: string): string | undefined =>
    NewRater.safeParse({ name: 'Ada', password, role: 'reader' }).error?.issues[0]?.message
  expect(wordsOf('short')).toBe('A password has at least 8 characters.')
  expect(wordsOf('x'.repeat(1025))).toBe('A password has at most 1,024 characters.')
  expect(wordsOf('x'.repeat(1024))).toBeUndefined()
})

/** A workspace with an owner, and a clock of its own. */
async function begun(name: string) {
  const folder = join(root, name)
  let nowMs = Date.UTC(2026, 0, 1)
  const clock = (): number => nowMs
  const workspace = openedWhenAsked(() => openWorkspace(folder, { clock }))
  const accounts = createAccounts({ required: true, location: folder, workspace, nowMs: clock })
  const passwordHash = await hashPassword(PASSWORD)
  const owner = sound(await workspace.store.addRater({ name: 'Owner', role: 'owner', passwordHash }, null))
  return {
    ...{ folder, accounts, workspace, owner, passwordHash },
    pass: (ms: number) => {
      nowMs += ms
    },
  }
}

test('names of an earlier version are shown with what cannot be seen written out, of blanks by the pseudonym, and still sign in', async () => {
  const { folder, accounts, workspace, owner, passwordHash } = await begun('earlier')
  const added = await workspace.store.addRater({ name: 'Eve', role: 'reader', passwordHash }, owner.raterId)
  sound(added)
  sound(await workspace.store.addRater({ name: 'Blank', role: 'reader', passwordHash }, owner.raterId))
  await workspace.store.backUp()
  const database = new DatabaseSync(join(folder, 'workspace.sqlite'))
  database.exec('DROP TRIGGER rater_no_update')
  database.exec("UPDATE rater SET name = 'Eve' || char(0x202e) || 'nwO' WHERE name = 'Eve'")
  database.exec("UPDATE rater SET name = '' WHERE name = 'Blank'")
  database.close()
  // As the page takes it: one name that is none would take the whole list from it.
  const listed = RaterList.parse(sound(await accounts.list(owner))).raters
  expect(listed.map(({ name }) => name)).toEqual(['Owner', 'Eve⟨U+202E⟩nwO', 'R3'])
  for (const name of ['Eve\u202enwO', 'Eve⟨U+202E⟩nwO'])
    expect(codeOf(await accounts.signIn({ name, password: PASSWORD }, ''))).toBe('ok')
  await workspace.close()
})

test('a password that was given out lets nobody in after its hours, nor a session that it began', async () => {
  const { accounts, workspace, owner, passwordHash, pass } = await begun('given')
  const { raterId } = sound(
    await workspace.store.addRater({ name: 'Ada', role: 'reader', passwordHash }, owner.raterId),
  )
  const { password } = sound(await accounts.givePassword(owner, raterId))
  const signIn = () => accounts.signIn({ name: 'Ada', password }, '')
  pass(ONE_TIME_HOURS * 3_600_000 - 60_000)
  const { token, mustChangePassword } = sound(await signIn())
  expect(mustChangePassword).toBe(true)
  expect(await accounts.raterOf(token)).not.toBeNull()
  pass(120_000)
  expect(await accounts.raterOf(token)).toBeNull()
  const late = await signIn()
  expect(late).toMatchObject({ ok: false, refusal: { code: 'signed-out' } })
  expect(late.ok ? '' : late.refusal.reason).toContain(`${ONE_TIME_HOURS} hours`)
  // A wrong one is told nothing of it.
  const wrong = await accounts.signIn({ name: 'Ada', password: 'wrong password' }, '')
  expect(wrong.ok ? '' : wrong.refusal.reason).toBe('The name or the password is not right.')
  const next = sound(await accounts.givePassword(owner, raterId)).password
  expect(codeOf(await accounts.signIn({ name: 'Ada', password: next }, ''))).toBe('ok')
  await workspace.close()
})
