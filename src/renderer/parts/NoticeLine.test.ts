// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import NoticeLine from './NoticeLine.vue'

it('stands whole where it is short, and keeps what is long behind its head, nothing left out', () => {
  const short = mount(NoticeLine, { props: { text: '1 mark of nodules below 3 mm: slice 4.' } })
  expect(short.find('details').exists()).toBe(false)
  expect(short.text()).toBe('1 mark of nodules below 3 mm: slice 4.')
  const head = '12 marks of nodules below 3 mm carry no outline'
  const places = Array.from({ length: 8 }, (_unused, at) => `slice ${at} (col 12, row 7)`).join(', ')
  const long = mount(NoticeLine, { props: { text: `${head}: ${places} and 4 more.` } })
  expect(long.get('details').attributes('open')).toBeUndefined()
  expect(long.get('summary').text()).toBe(head)
  expect(long.text()).toContain(`${places} and 4 more.`)
})

it('takes one to each slice that it names, and to nothing else', async () => {
  const text =
    '2 marks of nodules below 3 mm carry no outline; 2 places: slice 4 (col 12, row 7), 1 reader; slice 31 (col 9, row 80), 2 readers; z 12.5 mm, 1 reader.'
  const notice = mount(NoticeLine, { props: { text } })
  expect(notice.text().replace(/\s+/g, ' ')).toContain(
    'slice 4 (col 12, row 7), 1 reader; slice 31 (col 9, row 80), 2 readers; z',
  )
  const ways = notice.findAll('button')
  expect(ways.map((way) => way.text())).toEqual(['slice 4', 'slice 31'])
  for (const way of ways) await way.trigger('click')
  expect(notice.emitted('slice')).toEqual([[4], [31]])
})
