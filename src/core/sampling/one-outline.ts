import type { Manifest } from '../../contract'

/** Whether a package is a network without a latent: it gives one outline, the same for every seed and count. */
export const drawsOneOutline = ({ latent }: Pick<Manifest, 'latent'>): boolean => latent.dimension === 0
