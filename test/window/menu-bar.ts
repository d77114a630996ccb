import type { ElectronApplication } from 'playwright-core'

/** Clicks the item of the menu bar with this id. */
export const chooseMenu = (application: ElectronApplication, id: string): Promise<void> =>
  application.evaluate(({ Menu }, wanted) => {
    const item = Menu.getApplicationMenu()?.getMenuItemById(wanted)
    if (!item) throw new Error(`no item ${wanted}`)
    ;(item.click as () => void)()
  }, id)
