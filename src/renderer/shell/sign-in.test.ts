// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watch } from 'vue'
import { z } from 'zod'
import { getJson } from '../wire/http'
import { useSession } from '../wire/session'
import { useUnsentJournals } from '../wire/unsent-journals'
import SignInView from './SignInView.vue'
import SignOutSheet from './SignOutSheet.vue'

/** Who signs in at a page that holds gestures of somebody else is told first what goes with it. */

const rater = { raterId: 'r1', name: 'Reader 1', pseudonym: 'R1', role: 'reader', retired: false }
const workspace = { name: 'here', kind: 'sqlite', trouble: null }
let posted: unknown[]
let isIn: boolean

beforeEach(() => {
  setActivePinia(createPinia())
  posted = []
  isIn = true
  vi.stubGlobal('fetch', (_path: string, init?: RequestInit) => {
    if (init?.method === 'POST') posted.push(init.body)
    const who = isIn ? { rater, mustChangePassword: false } : { rater: null, mustChangePassword: false }
    return Promise.resolve(new Response(JSON.stringify({ accounts: true, ...who, workspace })))
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
})

test('one gesture that waits is told with its reader; another person gives it up by a tick, or does not come in', async () => {
  const session = useSession()
  await session.load()
  expect(session.lastName).toBe('Reader 1')
  useUnsentJournals().note('attempt/a', { unsent: 1, trouble: null })
  isIn = false
  await session.load()
  expect(session.isLocked).toBe(true)
  const view = mount(SignInView)
  expect(view.text()).toMatch(/1.gesture of Reader 1 is not on disk yet/)
  expect(view.text()).toContain('The session has ended')

  const [name] = view.findAll('input')
  await name?.setValue(' reader 1 ')
  expect(view.find('input[type=checkbox]').exists()).toBe(false)
  await name?.setValue('Reader 2')
  const giveUp = view.find<HTMLInputElement>('input[type=checkbox]')
  expect(giveUp.element.required).toBe(true)
  expect(view.find<HTMLFormElement>('form').element.checkValidity()).toBe(false)
  expect(useUnsentJournals().isGivenUp).toBe(false)

  await view.find('#sign-in-password').setValue('a password')
  await giveUp.setValue(true)
  await view.find('form').trigger('submit')
  await flushPromises()
  expect(posted).toHaveLength(1)
  // A wrong password gives nothing up.
  expect(useUnsentJournals().isGivenUp).toBe(false)
  view.unmount()
})

test('nobody’s gestures wait: nothing is asked', () => {
  const view = mount(SignInView)
  expect(view.text()).toContain('Sign in to read in this workspace.')
  expect(view.find('input[type=checkbox]').exists()).toBe(false)
  view.unmount()
})

test('a password that was given out makes a page that was open ask for nothing anew before another one is chosen', async () => {
  const session = useSession()
  await session.load()
  let mustChangePassword = true
  let asked = 0
  vi.stubGlobal('fetch', (path: string) => {
    asked += 1
    // A loop ends here, and is told below.
    if (asked > 40) return new Promise<Response>(() => undefined)
    if (path === '/api/session/password') mustChangePassword = false
    const refusal = { code: 'signed-out', reason: 'Choose your own password first.' }
    const isRefused = mustChangePassword && !path.startsWith('/api/session')
    const state = { accounts: true, rater, mustChangePassword, workspace }
    const body = isRefused ? { refusal } : state
    return Promise.resolve(new Response(JSON.stringify(body), { status: isRefused ? 401 : 200 }))
  })
  /** What an open page asks for again when its reader is in. */
  const again = vi.fn(() => void getJson('panels', z.unknown()))
  const leave = watch(() => session.returns, again)
  await session.signIn('Reader 1', 'given-to-them')
  await getJson('panels', z.unknown())
  // Each round of asking, if it were one, is one turn.
  for (let turn = 0; turn < 50; turn += 1) await flushPromises()
  expect(asked).toBeLessThan(6)
  expect(again).not.toHaveBeenCalled()
  expect(session.isLocked).toBe(true)

  expect(await session.changePassword('given-to-them', 'my own words')).toBe(true)
  await flushPromises()
  expect(session.isLocked).toBe(false)
  expect(again).toHaveBeenCalledOnce()
  leave()
})

test('signing out while a gesture waits says so, and lets it go only when that is said; nothing waits any more: it says that', async () => {
  const journals = useUnsentJournals()
  journals.note('attempt/a', { unsent: 1, trouble: null })
  const view = mount(SignOutSheet, { props: { open: true }, attachTo: document.body })
  await flushPromises()
  const buttons = (): readonly HTMLButtonElement[] => [
    ...document.querySelectorAll<HTMLButtonElement>('.sign-out .body button'),
  ]
  const said = (): string => document.querySelector('.sign-out')?.textContent.replace(/\s+/g, ' ') ?? ''
  expect(said()).toMatch(/1 gesture waits in this page alone.*save a copy/)
  expect(buttons().map(({ textContent }) => textContent.replace(/\s+/g, ' ').trim())).toEqual([
    'Stay signed in',
    'Sign out all the same: 1 gesture is lost',
  ])
  buttons()[0]?.click()
  expect(view.emitted('update:open')).toEqual([[false]])
  expect(posted).toEqual([])

  await view.setProps({ open: false })
  await view.setProps({ open: true })
  journals.note('attempt/a', { unsent: 0, trouble: null })
  await flushPromises()
  expect(said()).toContain('All of it is on disk now.')
  view.unmount()
})
