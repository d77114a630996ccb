import { readFile, realpath } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import type { Context } from 'hono'
import { answerRefusal } from './answer'

const typeByExtension: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
}

/** A file of the built page. Nothing outside `pageDir` is reachable, not by dots, encoded slashes nor links. */
export async function answerPageFile(c: Context, pageDir: string): Promise<Response> {
  const wanted = c.req.path === '/' ? 'index.html' : relativePath(c.req.path)
  const type = wanted === null ? undefined : typeByExtension[extname(wanted)]
  if (wanted === null || type === undefined) return absent(c)
  try {
    const root = await realpath(pageDir)
    const file = await realpath(join(root, wanted))
    if (!file.startsWith(root + sep)) return absent(c)
    const bytes = await readFile(file)
    // The build puts a content hash into the name of everything under assets/.
    const caching = wanted.startsWith('assets/') ? 'private, max-age=31536000, immutable' : 'no-cache'
    return c.body(new Uint8Array(bytes), 200, { 'content-type': type, 'cache-control': caching })
  } catch {
    return absent(c)
  }
}

const absent = (c: Context): Response =>
  answerRefusal(c, { code: 'not-found', reason: `${c.req.path} is not part of the page.` })

/** The path below the root, or null where it could mean anything else. */
function relativePath(path: string): string | null {
  let plain: string
  try {
    plain = decodeURIComponent(path)
  } catch {
    return null
  }
  const segments = plain.split('/').slice(1)
  const clean = segments.every((segment) => /^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(segment))
  return clean ? segments.join('/') : null
}
