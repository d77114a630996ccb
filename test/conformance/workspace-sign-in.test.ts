import { describe, expect, test } from 'vitest'
import { checkPassword, hashPassword } from '../../src/main/accounts/password'
import { createSessions } from '../../src/main/accounts/sessions'
import { codeOf, sound } from './workspace-suite'

describe('a password', () => {
  test('is kept as argon2id with a salt of its own, and only itself is right', async () => {
    const [first, second] = [await hashPassword('correct horse'), await hashPassword('correct horse')]
    expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
    expect(second).not.toBe(first)
    expect(await checkPassword(first, 'correct horse')).toBe(true)
    expect(await checkPassword(second, 'correct horse')).toBe(true)
    expect(await checkPassword(first, 'correct horsf')).toBe(false)
    // The same letters, composed or not: keyboards differ.
    expect(await checkPassword(await hashPassword('Z\u00fcrich-9'), 'Zu\u0308rich-9')).toBe(true)
  })

  test('of nobody is checked all the same, and is never right', async () => {
    expect(await checkPassword(null, 'nobody')).toBe(false)
    expect(await checkPassword(null, '')).toBe(false)
    expect(await checkPassword('not a hash', 'x')).toBe(false)
  })
})

const RIGHT = 'right'
/** A clock to set, and a sign-in whose password check costs nothing. */
function accounts() {
  let nowMs = 1_000_000
  let checked = 0
  const sessions = createSessions({ nowMs: () => nowMs })
  return {
    sessions,
    checks: () => checked,
    later: (ms: number) => {
      nowMs += ms
    },
    signIn: (name: string, password: string, address = '10.0.0.1') =>
      sessions.signIn({
        name,
        address,
        raterId: name.toLowerCase() === 'a' ? 'rater-a' : null,
        isRight: () => {
          checked += 1
          return Promise.resolve(password === RIGHT)
        },
      }),
  }
}

const HOUR_MS = 3_600_000

describe('a session', () => {
  test('begins with the right password, is found by its token alone, and ends', async () => {
    const { sessions, signIn } = accounts()
    const token = sound(await signIn('A', RIGHT))
    const other = sound(await signIn('a', RIGHT))
    expect(Buffer.from(token, 'base64url')).toHaveLength(32)
    expect(other).not.toBe(token)
    expect(sessions.raterOf(token)).toBe('rater-a')
    expect(sessions.raterOf(`${token}x`)).toBeNull()
    expect(sessions.raterOf('')).toBeNull()
    sessions.end(token)
    expect(sessions.raterOf(token)).toBeNull()
    expect(sessions.raterOf(other)).toBe('rater-a')
    sessions.endAllOf('rater-a')
    expect(sessions.raterOf(other)).toBeNull()
  })

  test('ends when nobody is there, and after a week at the latest', async () => {
    const { sessions, signIn, later } = accounts()
    const idle = sound(await signIn('A', RIGHT))
    later(10 * HOUR_MS + 1)
    expect(sessions.raterOf(idle)).toBeNull()
    const busy = sound(await signIn('A', RIGHT))
    let hours = 0
    while (sessions.raterOf(busy) !== null && hours < 1000) {
      later(HOUR_MS)
      hours += 1
    }
    expect(hours).toBe(7 * 24 + 1)
  })

  test('of many more than the most pushes out the one that was seen longest ago', async () => {
    const { sessions, signIn } = accounts()
    const tokens: string[] = []
    for (let index = 0; index < 1_001; index += 1) tokens.push(sound(await signIn('A', RIGHT)))
    expect(sessions.raterOf(tokens[0] ?? '')).toBeNull()
    expect(sessions.raterOf(tokens[1] ?? '')).toBe('rater-a')
    expect(sessions.raterOf(tokens[1_000] ?? '')).toBe('rater-a')
  })
})

describe('a wrong password', () => {
  test('is answered like a wrong name, to the letter', async () => {
    const known = accounts()
    const unknown = accounts()
    for (let index = 0; index < 30; index += 1) {
      expect(await known.signIn('A', 'wrong')).toEqual(await unknown.signIn('Z', RIGHT))
      known.later(900)
      unknown.later(900)
    }
    expect(known.checks()).toBe(unknown.checks())
  })

  test('a thousand times a second apart: few are looked at, and the right one is in within a minute', async () => {
    const { signIn, later, checks } = accounts()
    for (let index = 0; index < 1_000; index += 1) {
      const answer = await signIn('A', 'wrong')
      expect(['signed-out', 'limit-reached']).toContain(codeOf(answer))
      later(1_000)
    }
    expect(checks()).toBeLessThan(40)
    later(60_000)
    expect(codeOf(await signIn('A', RIGHT))).toBe('ok')
    // And is not held up by what was before.
    expect(codeOf(await signIn('A', RIGHT))).toBe('ok')
  })

  test('a thousand times at once is not a way around', async () => {
    const { signIn, checks } = accounts()
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => signIn('A', 'wrong')))
    expect(answers.filter((answer) => codeOf(answer) === 'signed-out').length).toBe(checks())
    expect(checks()).toBeLessThanOrEqual(8)
  })

  test('from a thousand places does not keep out one who was in before from the own', async () => {
    const { signIn, later, checks } = accounts()
    sound(await signIn('A', RIGHT, '10.0.0.9'))
    const before = checks()
    for (let index = 0; index < 1_000; index += 1) {
      await signIn('A', 'wrong', `192.0.2.${index}`)
      later(10)
    }
    expect(checks() - before).toBeLessThan(40)
    expect(codeOf(await signIn('A', RIGHT, '10.0.0.9'))).toBe('ok')
    // Elsewhere the name waits, but never for longer than ten seconds.
    later(10_000)
    expect(codeOf(await signIn('A', RIGHT, '10.0.0.10'))).toBe('ok')
  })

  test('with a thousand names from one place slows the place, and colleagues there for half a minute at most', async () => {
    const { signIn, later, checks } = accounts()
    for (let index = 0; index < 1_000; index += 1) {
      await signIn(`name ${index}`, 'wrong')
      later(100)
    }
    expect(checks()).toBeLessThan(60)
    later(30_000)
    expect(codeOf(await signIn('A', RIGHT))).toBe('ok')
  })
})
