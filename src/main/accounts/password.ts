import { randomInt } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'

/** argon2id with 19 MiB, two passes, one lane (the package's defaults; RFC 9106 and OWASP's minimum). */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

/** The hash of a password with a salt of its own, as a PHC string. */
export const hashPassword = (password: string): Promise<string> => hash(password.normalize('NFC'), COST)

let decoy: Promise<string> | null = null

/**
 * Whether the password is the one of the hash. null (a name that is not there, a rater who has no password) takes as
 * long as a wrong password, and is never right.
 */
export async function checkPassword(passwordHash: string | null, password: string): Promise<boolean> {
  // Whatever it says, nobody signs in with it: the decoy's password is not looked at.
  const against = passwordHash ?? (await (decoy ??= hashPassword('nobody')))
  try {
    const isRight = await verify(against, password.normalize('NFC'))
    return isRight && passwordHash !== null
  } catch {
    // Not a PHC string: nobody can have made a password for it.
    return false
  }
}

/** Letters and digits that nobody takes for one another, read out or written down. */
const CLEAR = 'abcdefghjkmnpqrstuvwxyz23456789'
const GROUPS = 4
const GROUP_LETTERS = 4

/** A password to be given out once: four groups of four, 79 random bits. */
export const drawPassword = (): string =>
  Array.from({ length: GROUPS }, () =>
    Array.from({ length: GROUP_LETTERS }, () => CLEAR[randomInt(CLEAR.length)]).join(''),
  ).join('-')
