import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { build, type Plugin } from 'vite'
import { npmCommand } from '../../scripts/setup/steps.js'
import { p95, turns, type Watched } from './page-steps'

/** The same chest in Cornerstone3D, in the same browser: what this page's scrolling stands beside. */

const ADDRESS = 'http://localhost:4133'
const RENDERED: Watched = {
  input: 'keydown',
  views: 1,
  drawn: 'CORNERSTONE_IMAGE_RENDERED',
}

/** What its XML writer asks of Node and a picture never does. */
const withoutNode: Plugin = {
  name: 'without-node',
  enforce: 'pre',
  resolveId: (id) => (id === 'events' || id === 'url' ? `\0${id}` : null),
  load: (id) =>
    id === '\0events' || id === '\0url'
      ? 'export class EventEmitter {}\nexport default { EventEmitter }\nexport const domainToASCII = String'
      : null,
}

/** Fetches the peer in its exact version; false where it cannot be had. */
function fetched(root: string, folder: string): boolean {
  mkdirSync(folder, { recursive: true })
  for (const name of ['package.json', 'package-lock.json', 'page.ts'])
    cpSync(join(root, 'test', 'bench', 'cornerstone3d', name), join(folder, name))
  if (existsSync(join(folder, 'node_modules'))) return true
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const [program, args] = npmCommand(['ci', ...quiet])
  return spawnSync(program, args, { cwd: folder, stdio: 'ignore' }).status === 0
}

/** Its page as one script. */
async function packed(folder: string): Promise<string> {
  await build({
    ...{ configFile: false, root: folder, logLevel: 'silent', plugins: [withoutNode] },
    build: {
      outDir: join(folder, 'out'),
      rolldownOptions: { input: join(folder, 'page.ts'), output: { entryFileNames: 'page.js' } },
    },
  })
  return readFileSync(join(folder, 'out', 'page.js'), 'utf8')
}

interface Stack {
  readonly rows: number
  readonly columns: number
  readonly slices: number
  /** Hounsfield units, little endian, slice behind slice. */
  readonly pixels: Buffer
}

/** Of files whose pixels stand uncompressed at their end, as those of LIDC-IDRI do: 16 bit, 1024 above HU. */
function stackOf(folder: string, rows: number, columns: number): Stack {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.dcm'))
    .sort()
  const bytes = 2 * rows * columns
  const pixels = Buffer.concat(names.map((name) => readFileSync(join(folder, name)).subarray(-bytes)))
  for (let at = 0; at < pixels.length; at += 2) pixels.writeInt16LE(pixels.readInt16LE(at) - 1024, at)
  return { rows, columns, slices: names.length, pixels }
}

/** How large its view is, in CSS pixels: as large as ours. */
export interface View {
  readonly width: number
  readonly height: number
}

export interface Peer {
  readonly scroll: (view: View, before: number, steps: number) => Promise<number>
}

/** Null where it cannot be fetched. It draws on the processor: its way without a graphics card, by far the faster there. */
export function cornerstone3d(root: string, browser: Browser, series: string): Peer | null {
  const folder = join(root, 'build', 'bench', 'cornerstone3d')
  if (!fetched(root, folder)) return null
  const stack = stackOf(series, 512, 512)
  let script: string | null = null
  return {
    scroll: async (view, before, steps) => {
      script ??= await packed(folder)
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
      await serve(page, script, stack, view)
      await turns(page, 'ArrowUp', before, RENDERED)
      await turns(page, 'ArrowDown', stack.slices - 1, RENDERED)
      const times = await turns(page, 'ArrowUp', steps, RENDERED)
      await page.close()
      return p95(times)
    },
  }
}

async function serve(page: Page, script: string, stack: Stack, { width, height }: View): Promise<void> {
  const { rows, columns, slices } = stack
  const given = JSON.stringify({ rows, columns, slices, pixels: '/pixels', byCpu: true })
  const html = `<body data-given='${given}'><div id="stack" style="width:${width}px;height:${height}px"></div>
<script type="module" src="/page.js"></script>`
  await page.route(`${ADDRESS}/**`, async (route) => {
    const path = new URL(route.request().url()).pathname
    if (path === '/page.js') await route.fulfill({ body: script, contentType: 'text/javascript' })
    else if (path === '/pixels') await route.fulfill({ body: stack.pixels })
    else await route.fulfill({ body: html, contentType: 'text/html' })
  })
  await page.goto(ADDRESS)
  await page.waitForFunction(() => 'ready' in document.body.dataset || 'failed' in document.body.dataset)
  const failed = await page.evaluate(() => document.body.dataset['failed'])
  if (failed !== undefined) throw new Error(`Cornerstone3D: ${failed}`)
}
