import { secureHeaders } from '../app/security-headers'
import type { GuardRefusal } from './guard'

const words: Record<GuardRefusal, { readonly what: string; readonly next: string }> = {
  host: {
    what: 'This address was reached under a name that is not its own.',
    next: 'Open the address that Margin printed when it started, 127.0.0.1 and all.',
  },
  origin: {
    what: 'Another page asked for this, and Margin answers its own page only.',
    next: 'Open the address that Margin printed when it started in a tab of its own.',
  },
  session: {
    what: 'This browser was not let in yet.',
    next: 'Open the whole address that Margin printed when it started, with its token. It works once; start Margin again for a new one.',
  },
  link: {
    what: 'This address was used already, or belongs to an earlier start of Margin.',
    next: 'Go on in the tab that opened first, or start Margin again and open the new address.',
  },
}

/** 403 as a plain page: what happened and what to do now. No script, no style, nothing of the library. */
export function refusedPage(refusal: GuardRefusal): Response {
  const { what, next } = words[refusal]
  return page(403, 'Margin: not let in', `<h1>Not let in</h1><p>${what}</p><p>${next}</p>`)
}

/**
 * The way on where a redirect would not do: a browser that came here by a link on another site keeps SameSite=Strict
 * cookies back through redirects, yet sends them when this page itself moves on.
 */
export function moveOnPage(): Response {
  return page(
    200,
    'Margin',
    '<p><a href="/">Open Margin</a></p>',
    '<meta http-equiv="refresh" content="0;url=/">',
  )
}

/** What the window shows when the application could not be put together: a setting, a workspace, a disk. */
export function startFailedPage(reason: string): Response {
  const text = reason.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
  return page(
    500,
    'Margin did not start',
    `<h1>Margin did not start</h1><p>${text}</p><p>Put that right and start Margin again. Nothing was changed.</p>`,
    '<meta name="color-scheme" content="dark">',
  )
}

function page(status: number, title: string, body: string, head = ''): Response {
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title>${head}</head><body>${body}</body></html>`
  const response = new Response(html, { status, headers: { 'content-type': 'text/html; charset=utf-8' } })
  secureHeaders(response.headers)
  return response
}
