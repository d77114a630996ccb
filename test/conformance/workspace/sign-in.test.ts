import { describe, expect, test } from 'vitest'
import { checkPassword, hashPassword } from '../../../src/main/accounts/password'
import { createSessions } from '../../../src/main/accounts/sessions'
import { codeOf, sound } from './suite'

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
/** A clock to set, waits that end when it reaches them, and a sign-in whose password check costs nothing. */
function accounts() {
  let nowMs = 1_000_000
  let checked = 0
  const waiting: { readonly atMs: number; readonly wake: () => void }[] = []
  const wait = (ms: number): Promise<void> =>
    new Promise((wake) => {
      waiting.push({ atMs: nowMs + ms, wake })
    })
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
  }
  const sessions = createSessions({ nowMs: () => nowMs, wait })
  return {
    sessions,
    checks: () => checked,
    later: async (ms: number) => {
      const untilMs = nowMs + ms
      for (;;) {
        await settle()
        waiting.sort((one, other) => one.atMs - other.atMs)
        const next = waiting[0]
        if (next === undefined || next.atMs > untilMs) break
        waiting.shift()
        nowMs = Math.max(nowMs, next.atMs)
        next.wake()
      }
      nowMs = untilMs
      await settle()
    },
    signIn: (name: string, password: string, address = '10.0.0.1') =>
      sessions.signIn({
        name,
        address,
        raterId: name.toLowerCase() === 'a' ? 'rater-a' : null,
        credential: 'hash',
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
    expect(sessions.raterOf(token)).toEqual({ raterId: 'rater-a', credential: 'hash' })
    expect(sessions.raterOf(`${token}x`)).toBeNull()
    expect(sessions.raterOf('')).toBeNull()
    sessions.end(token)
    expect(sessions.raterOf(token)).toBeNull()
    expect(sessions.raterOf(other)?.raterId).toBe('rater-a')
    sessions.endAllOf('rater-a')
    expect(sessions.raterOf(other)).toBeNull()
  })

  test('ends when nobody is there, and after a week at the latest', async () => {
    const { sessions, signIn, later } = accounts()
    const idle = sound(await signIn('A', RIGHT))
    await later(10 * HOUR_MS + 1)
    expect(sessions.raterOf(idle)).toBeNull()
    const busy = sound(await signIn('A', RIGHT))
    let hours = 0
    while (sessions.raterOf(busy) !== null && hours < 1000) {
      await later(HOUR_MS)
      hours += 1
    }
    expect(hours).toBe(7 * 24 + 1)
  })

  test('of many more than the most pushes out the one that was seen longest ago', async () => {
    const { sessions, signIn } = accounts()
    const tokens: string[] = []
    for (let index = 0; index < 1_001; index += 1) tokens.push(sound(await signIn('A', RIGHT)))
    expect(sessions.raterOf(tokens[0] ?? '')).toBeNull()
    expect(sessions.raterOf(tokens[1] ?? '')?.raterId).toBe('rater-a')
    expect(sessions.raterOf(tokens[1_000] ?? '')?.raterId).toBe('rater-a')
  })
})

describe('a wrong password', () => {
  test('is answered like a wrong name, to the letter', async () => {
    const known = accounts()
    const unknown = accounts()
    for (let index = 0; index < 12; index += 1) {
      const answers = [known.signIn('A', 'wrong'), unknown.signIn('Z', RIGHT)]
      await known.later(10_000)
      await unknown.later(10_000)
      expect(await answers[0]).toEqual(await answers[1])
    }
    expect(known.checks()).toBe(unknown.checks())
  })

  test.each([2_000, 500, 50])(
    'one every %i ms, as fast as answers come: few are looked at, and the right one is never refused',
    async (everyMs) => {
      const { signIn, later, checks } = accounts()
      const minutes = 10
      for (let atMs = 0; atMs < minutes * 60_000; atMs += everyMs) {
        void signIn('A', 'wrong', '203.0.113.7')
        await later(everyMs)
      }
      // After the free ones, one each ten seconds.
      expect(checks()).toBeLessThan(20 + minutes * 6)
      const right = signIn('A', RIGHT)
      await later(10_000)
      expect(codeOf(await right)).toBe('ok')
    },
  )

  test('six times in a minute and a half keeps the right one waiting for ten seconds at most, from the same place too', async () => {
    const { signIn, later } = accounts()
    for (let guess = 0; guess < 6; guess += 1) {
      void signIn('A', 'wrong')
      await later(1_000)
    }
    for (let second = 0; second < 90; second += 2) {
      if (second % 14 === 0) void signIn('A', 'wrong')
      const right = signIn('A', RIGHT)
      await later(20_000)
      expect(codeOf(await right)).toBe('ok')
    }
  })

  test('a thousand times at once is not a way around', async () => {
    const { signIn, checks, later } = accounts()
    const answers = Array.from({ length: 1_000 }, () => signIn('A', 'wrong'))
    await later(60_000)
    const codes = (await Promise.all(answers)).map(codeOf)
    expect(codes.filter((code) => code === 'signed-out').length).toBe(checks())
    expect(checks()).toBeLessThanOrEqual(8)
  })

  test('from a thousand places does not keep out one who was in before from the own', async () => {
    const { signIn, later } = accounts()
    sound(await signIn('A', RIGHT, '10.0.0.9'))
    for (let index = 0; index < 900; index += 1) void signIn('A', 'wrong', `192.0.2.${index}`)
    await later(1)
    expect(codeOf(await signIn('A', RIGHT, '10.0.0.9'))).toBe('ok')
    // Elsewhere the name waits, but never for longer than ten seconds.
    const elsewhere = signIn('A', RIGHT, '10.0.0.10')
    await later(10_000)
    expect(codeOf(await elsewhere)).toBe('ok')
  })

  test('with a thousand names from one place slows the place, and colleagues there for ten seconds at most', async () => {
    const { signIn, later } = accounts()
    for (let index = 0; index < 900; index += 1) void signIn(`name ${index}`, 'wrong')
    const right = signIn('A', RIGHT)
    await later(10_000)
    expect(codeOf(await right)).toBe('ok')
  })
})
