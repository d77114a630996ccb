// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { useRunSettings } from './run-settings'

const fresh = () => {
  setActivePinia(createPinia())
  return useRunSettings()
}

describe('the choice of a model', () => {
  beforeEach(() => {
    window.localStorage.clear()
  })

  it('is kept between visits, for each kind of picture on its own', () => {
    fresh().choose('CT', 'lidc-unet', null)
    expect([fresh().chosen.get('CT'), fresh().chosen.get('fundus')]).toEqual(['lidc-unet', null])
  })

  it('of the second model of a comparison makes the two change places', () => {
    const settings = fresh()
    settings.choose('CT', 'one', null)
    settings.compareWith('CT', 'two')
    settings.choose('CT', 'two', 'one')
    expect([settings.chosen.get('CT'), settings.compared.get('CT')]).toEqual(['two', 'one'])
    settings.choose('CT', 'three', 'two')
    expect([settings.chosen.get('CT'), settings.compared.get('CT')]).toEqual(['three', 'one'])
  })
})
