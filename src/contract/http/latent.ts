import { z } from 'zod'
import { Grid } from '../geometry'
import { RunRequest } from './inference'

/** The picture and the package whose latent is looked into; the seed plays no part. */
export const LatentRequest = RunRequest.pick({ target: true, modelId: true, evenBlack: true })
export type LatentRequest = z.infer<typeof LatentRequest>

/** One direction of the latent, and what it does to the outline of this picture. */
export const LatentDirection = z.strictObject({
  /** Its column in the package's directions, from 0. */
  direction: z.number().int().nonnegative(),
  /** 1 - IoU of the outlines one standard deviation to either side; 0 where neither draws anything. */
  outlineChange: z.number().min(0).max(1),
  /** Pixels inside the outline one standard deviation below the middle, and above it. */
  areaBelowPx: z.number().int().nonnegative(),
  areaAbovePx: z.number().int().nonnegative(),
})
export type LatentDirection = z.infer<typeof LatentDirection>

/** `POST /api/runs/latent`, asked by LatentRequest: every direction, the one that moves the outline most first. */
export const LatentDirections = z.strictObject({
  grid: Grid,
  /** Pixels inside the outline in the middle of the latent. */
  areaPx: z.number().int().nonnegative(),
  directions: z.array(LatentDirection),
})
export type LatentDirections = z.infer<typeof LatentDirections>

/** Beyond this many standard deviations nothing was trained. */
export const MOST_LATENT_SD = 3

/**
 * `POST /api/runs/latent/outline`: a place by its coordinates along the package's directions, in standard deviations of
 * the prior; what is not named is 0.
 */
export const LatentPlaceRequest = LatentRequest.extend({
  place: z.array(z.number().min(-MOST_LATENT_SD).max(MOST_LATENT_SD)).max(64),
})
export type LatentPlaceRequest = z.infer<typeof LatentPlaceRequest>

/** The outline at a place. */
export const LatentOutline = z.strictObject({
  grid: Grid,
  /** The sub-pixel field on the grid, int8 as of a run's samples, base64. */
  field: z.string(),
  areaPx: z.number().int().nonnegative(),
})
export type LatentOutline = z.infer<typeof LatentOutline>
