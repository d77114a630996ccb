import type { InstalledModel } from '../../contract'

export interface ModelService {
  /** Every package found, checked on first use. */
  readonly list: () => Promise<readonly InstalledModel[]>
}
