import type { InstalledModel, Result } from '../../contract'
import type { ModelPackage } from './package'

export interface ModelService {
  /** Every package found, checked on first use. */
  readonly list: () => Promise<readonly InstalledModel[]>
  /** The package in a folder, wherever it lies, read and run as one that is installed; refused by name. */
  readonly check: (directory: string) => Promise<Result<ModelPackage>>
}
