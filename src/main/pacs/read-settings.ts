import { readFile, stat } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { accept, ArchivesFile, refuse } from '../../contract'
import type { ArchiveCredentials, ArchiveSettings, ArchiveSummary, Result } from '../../contract'
import type { ArchiveFolder } from './archive-folder'

/** The settings and the credentials of archives, as their owner laid them down. Nothing is contacted here. */

const MOST_BYTES = 1_000_000
const OTHERS_MAY_WRITE = 0o022
const OTHERS_MAY_ANYTHING = 0o077

const settingsRefused = (
  reason: string,
  path: string,
  next: string,
): {
  readonly ok: false
  readonly refusal: { code: 'pacs-settings'; reason: string; path: string; next: string }
} => ({
  ok: false,
  refusal: { code: 'pacs-settings', reason, path, next },
})

/** Text of a file that others may not touch; null where there is none. */
async function guarded(path: string, forbidden: number): Promise<Result<string | null>> {
  try {
    const found = await stat(path)
    if (!found.isFile() || found.size > MOST_BYTES)
      return settingsRefused('It is no file of settings.', path, 'Put the file right.')
    const isOpen = process.platform !== 'win32' && (found.mode & forbidden) !== 0
    if (isOpen)
      return settingsRefused(
        `Others on this computer may ${forbidden === OTHERS_MAY_WRITE ? 'change' : 'read'} it; it is not used.`,
        path,
        'Close it to others (chmod 600), then try again.',
      )
    return accept(await readFile(path, 'utf8'))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (code === 'ENOENT') return accept(null)
    return settingsRefused(
      `It cannot be read (${code || 'unknown'}).`,
      path,
      'Give yourself the right to read it.',
    )
  }
}

/** The archives that are named; none where there is no file. */
export async function readArchives(folder: ArchiveFolder): Promise<Result<readonly ArchiveSettings[]>> {
  const read = await readSettings(folder)
  return read.ok ? accept(read.value.archives) : read
}

/** The whole file; one that names nothing where there is none. */
export async function readSettings(folder: ArchiveFolder): Promise<Result<ArchivesFile>> {
  const path = folder.settings
  const text = await guarded(path, OTHERS_MAY_WRITE)
  if (!text.ok) return text
  if (text.value === null) return accept({ archives: [] })
  let value: unknown
  try {
    value = JSON.parse(text.value)
  } catch {
    return settingsRefused('It is not JSON.', path, 'Put it right; the guide shows one that works.')
  }
  const parsed = ArchivesFile.safeParse(value)
  if (parsed.success) return accept(parsed.data)
  const issue = parsed.error.issues[0]
  return settingsRefused(
    `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}`,
    path,
    'Put it right; the guide shows one that works.',
  )
}

/** What goes into the header `Authorization`; null: the archive asks for nothing. */
export async function readAuthorization(
  credentials: ArchiveCredentials | undefined,
  folder: ArchiveFolder,
  environment: NodeJS.ProcessEnv,
): Promise<Result<string | null>> {
  if (credentials === undefined) return accept(null)
  const path = 'file' in credentials ? join(folder.root, credentials.file) : folder.settings
  const found =
    'file' in credentials
      ? await guarded(path, OTHERS_MAY_ANYTHING)
      : accept(environment[credentials.environment] ?? null)
  if (!found.ok) return found
  const secret = (found.value ?? '').trim()
  if (secret === '') {
    const where = 'file' in credentials ? 'The file of credentials' : credentials.environment
    return settingsRefused(
      `${where} is not there, or empty.`,
      path,
      'Write user:password or Bearer TOKEN into it.',
    )
  }
  if (/^Bearer [\x21-\x7e]+$/.test(secret)) return accept(secret)
  if (/^[^:\r\n]+:[^\r\n]*$/.test(secret))
    return accept(`Basic ${Buffer.from(secret, 'utf8').toString('base64')}`)
  return settingsRefused(
    'The credentials are neither user:password nor Bearer TOKEN, in one line.',
    path,
    'Put them right.',
  )
}

/** Certificates to trust; undefined: those of the system. */
export async function readAuthority(
  settings: ArchiveSettings,
  folder: ArchiveFolder,
): Promise<Result<string | undefined>> {
  return settings.caFile === undefined ? accept(undefined) : readPem(settings.caFile, 'certificate', folder)
}

/** A PEM file beside the settings; a key is one that others may not read. */
export async function readPem(
  file: string,
  kind: 'certificate' | 'key',
  folder: ArchiveFolder,
): Promise<Result<string>> {
  const path = join(folder.root, file)
  const isKey = kind === 'key'
  const text = await guarded(path, isKey ? OTHERS_MAY_ANYTHING : OTHERS_MAY_WRITE)
  if (!text.ok) return text
  const begins = isKey ? /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/ : /-----BEGIN CERTIFICATE-----/
  if (text.value !== null && begins.test(text.value)) return accept(text.value)
  return isKey
    ? settingsRefused('It is no private key (PEM), or is not there.', path, 'Copy the key there (chmod 600).')
    : settingsRefused(
        'It is no file of certificates (PEM).',
        path,
        'Copy the certificate of the authority there.',
      )
}

const isLoopback = (host: string): boolean => {
  const bare = host.replace(/^\[|\]$/g, '')
  return bare === 'localhost' || bare === '::1' || (isIP(bare) === 4 && bare.startsWith('127.'))
}

/** What is wrong with the settings of one archive before anything is sent to it. */
function unsafe(settings: ArchiveSettings): string | null {
  if (settings.kind !== 'dicomweb') return null
  const url = new URL(settings.url)
  if (url.username !== '' || url.password !== '')
    return 'Its address holds a user or a password, which would be shown: give them as credentials.'
  if (url.search !== '' || url.hash !== '') return 'Its address has a question mark or a hash in it.'
  if (settings.credentials !== undefined && url.protocol === 'http:' && !isLoopback(url.hostname))
    return 'Credentials go over the network in clear with http://; they go with https:// alone.'
  return null
}

/** Without what may be secret in it: `https://host/path`, or `AET@host:port`. */
function addressOf(settings: ArchiveSettings): string {
  if (settings.kind !== 'dicomweb') return `${settings.aeTitle}@${settings.host}:${settings.port}`
  const { origin, pathname } = new URL(settings.url)
  return `${origin}${pathname}`
}

/** An archive as it is told, and whether it can be asked. */
export async function summaryOf(
  settings: ArchiveSettings,
  folder: ArchiveFolder,
  environment: NodeJS.ProcessEnv,
): Promise<ArchiveSummary> {
  const checked = await readyToAsk(settings, folder, environment)
  return {
    name: settings.name,
    kind: settings.kind,
    address: addressOf(settings),
    encrypted: settings.kind === 'dicomweb' ? settings.url.startsWith('https:') : settings.tls,
    refusal: checked.ok ? null : checked.refusal,
  }
}

/** What asking an archive takes beside its settings. */
export interface Keys {
  readonly authorization: string | null
  readonly ca: string | undefined
}

export async function readyToAsk(
  settings: ArchiveSettings,
  folder: ArchiveFolder,
  environment: NodeJS.ProcessEnv,
): Promise<Result<Keys>> {
  const fault = unsafe(settings)
  if (fault !== null)
    return refuse('pacs-settings', `${settings.name}: ${fault}`, {
      path: folder.settings,
      next: 'Put it right.',
    })
  const ca = await readAuthority(settings, folder)
  if (!ca.ok) return ca
  const authorization =
    settings.kind === 'dicomweb'
      ? await readAuthorization(settings.credentials, folder, environment)
      : accept(null)
  return authorization.ok ? accept({ authorization: authorization.value, ca: ca.value }) : authorization
}
