import { z } from 'zod'
import { Refusal } from '../refusal'
import { AeTitle, SettingsFileName } from './archive-names'

/** A storage SCP (PS3.4 annex B) of the workspace: other programs send images to it. Off where no settings say otherwise. */

const Address = z.union([z.ipv4(), z.ipv6()], 'is no address of a computer (numbers, no name)')

/** Who may send: both must fit. */
export const Sender = z.strictObject({ aeTitle: AeTitle, address: Address })
export type Sender = z.infer<typeof Sender>

const isLoopback = (host: string): boolean => host === '::1' || host.startsWith('127.')

/** `receiver` in `archives.json`. */
export const ReceiverSettings = z
  .strictObject({
    aeTitle: AeTitle.default('MARGIN'),
    port: z.number().int().min(1).max(65_535),
    /** Where it listens; anything but this computer itself asks for `from`. */
    host: Address.default('127.0.0.1'),
    from: z.array(Sender).max(100).default([]),
    /** PEM files beside the settings. With `caFile` a sender shows a certificate that this authority signed. */
    tls: z
      .strictObject({
        certificateFile: SettingsFileName,
        keyFile: SettingsFileName,
        caFile: SettingsFileName.optional(),
      })
      .optional(),
    /** After so long without a byte a sender has stalled. */
    stallSeconds: z.number().int().min(1).max(600).default(60),
    /** An object that would leave less than this free on the disk is not taken. */
    keepFreeMegabytes: z.number().int().min(0).max(1e9).default(1_024),
  })
  .refine(
    ({ host, from }) => isLoopback(host) || from.length > 0,
    'listens to other computers, so "from" names who may send',
  )
export type ReceiverSettings = z.infer<typeof ReceiverSettings>

/** What one sender sent of one study, while the program runs. */
export const Delivery = z.strictObject({
  /** Counts up from 1. */
  number: z.number().int().positive(),
  /** AE title by which the sender called itself. */
  from: z.string(),
  /** Objects that are new here. */
  objects: z.number().int().nonnegative(),
  studyUid: z.string(),
  /** As the files have them; another study that is open may have the same. */
  seriesUids: z.array(z.string()),
  /** The sender broke off, and what it had not sent by then did not come in an association that ended well. */
  brokeOff: z.boolean(),
  /** Objects that were here already, the same to the byte. */
  hereBefore: z.number().int().nonnegative(),
  /** ISO 8601, of the last object. */
  at: z.string(),
  /** It is open in the library. */
  isOpen: z.boolean(),
  /** Why it could not be opened. */
  refusal: Refusal.nullable(),
})
export type Delivery = z.infer<typeof Delivery>

/** Somebody, or something, that was not let in or not taken. No word of a patient. */
export const TurnedAway = z.strictObject({
  at: z.string(),
  /** AE title as it was given; empty: none that is one. */
  from: z.string(),
  address: z.string(),
  why: z.string(),
  /** The same again and again is told once. */
  times: z.number().int().positive(),
})
export type TurnedAway = z.infer<typeof TurnedAway>

/** `GET /api/archives/receiver`, to the owner; `POST /api/archives/receiver/restart` reads the settings again. */
export const ReceiverStatus = z.strictObject({
  state: z.enum(['off', 'starting', 'listening', 'failed']),
  /** As the settings say; null: it is off. */
  settings: z
    .strictObject({
      aeTitle: AeTitle,
      host: Address,
      port: z.number().int(),
      encrypted: z.boolean(),
      from: z.array(Sender),
    })
    .nullable(),
  /** Why it does not listen; null: it does, or is off. */
  refusal: Refusal.nullable(),
  /** Associations that are open now. */
  sending: z.number().int().nonnegative(),
  /**
   * What was received before the program started: the newest of it is opened again. `studiesLeft`: older studies that lie
   * there and are not opened by themselves.
   */
  earlier: z.strictObject({
    isOpening: z.boolean(),
    objectsRead: z.number().int().nonnegative(),
    objectsTotal: z.number().int().nonnegative(),
    studiesLeft: z.number().int().nonnegative(),
  }),
  /** Newest first. */
  deliveries: z.array(Delivery),
  turnedAway: z.array(TurnedAway),
})
export type ReceiverStatus = z.infer<typeof ReceiverStatus>
