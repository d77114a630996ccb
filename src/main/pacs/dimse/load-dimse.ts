/**
 * The library that speaks DIMSE. It is loaded where an archive is asked by it, and nowhere else; its log, which would name
 * patients, is off. Its default import holds everything under Node, its named ones under other loaders.
 */
export type Dimse = typeof import('dcmjs-dimse')
export type DimseDataset = InstanceType<Dimse['Dataset']>
export type DimseRequest = InstanceType<Dimse['requests']['Request']>
export type DimseResponse = InstanceType<Dimse['responses']['Response']>
export type StoreRequest = InstanceType<Dimse['requests']['CStoreRequest']>
export type StoreResponse = InstanceType<Dimse['responses']['CStoreResponse']>
export type DimseAssociation = InstanceType<Dimse['association']['Association']>
export type DimseContext = InstanceType<Dimse['association']['PresentationContext']>

export async function loadDimse(): Promise<Dimse> {
  const loaded: Dimse & { readonly default?: Dimse } = await import('dcmjs-dimse')
  const dimse = loaded.default ?? loaded
  dimse.log.disableAll()
  return dimse
}
