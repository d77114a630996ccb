import type { Result } from '../../contract'
import type { WorkspaceStore } from './store'

/** What goes between the serving thread and the store's own thread. */

export const methods = [
  'raters',
  'addRater',
  'setPassword',
  'retireRater',
  'panels',
  'addPanel',
  'editPanel',
  'closePanel',
  'editionsOfPanel',
  'casesOfPanel',
  'casesOfSubject',
  'openAttempt',
  'attempt',
  'attemptsOfSubject',
  'attemptsOfRater',
  'attemptsOfPanel',
  'append',
  'entries',
  'commit',
  'lock',
  'expose',
  'exposeAll',
  'exposures',
  'subjectsKept',
  'firstInstancesOf',
  'addImport',
  'importOf',
  'changeImport',
  'importsOfSubject',
  'addTrainingRecord',
  'trainingRecords',
  'measure',
  'measurements',
  'markPlace',
  'places',
  'audit',
  'auditEntries',
  'verifyAudit',
  'check',
  'backUp',
] as const satisfies readonly (keyof WorkspaceStore)[]
export type Method = (typeof methods)[number]

/**
 * Whose answers go as JSON: a page of a journal holds tens of thousands of objects, and taking them over as objects
 * holds the serving thread more than twice as long as reading their text.
 */
export const answeredAsText: readonly Method[] = ['entries']

/** The store as work on it needs it: every call answers, none says where it is kept. */
export type StoreCalls = Pick<WorkspaceStore, Method>

export interface OpenCall {
  readonly kind: 'open'
  readonly location: string
  readonly lockWaitMs: number
  readonly nowMs: number
}
export interface MethodCall {
  readonly kind: 'call'
  readonly id: number
  readonly method: Method
  readonly args: readonly unknown[]
  readonly nowMs: number
}
export interface CloseCall {
  readonly kind: 'close'
  readonly nowMs: number
}
export type StoreCall = OpenCall | MethodCall | CloseCall

export type StoreAnswer =
  | { readonly kind: 'opened'; readonly result: Result<Pick<WorkspaceStore, 'kind' | 'name'>> }
  | { readonly kind: 'answered'; readonly id: number; readonly result: Result<unknown> }
  | { readonly kind: 'answered-as-text'; readonly id: number; readonly text: string }
