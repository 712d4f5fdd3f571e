import type { StoreKind } from '../../runbook/model.ts'
import type { LabTarget } from '../target.ts'

/** A collection as the platform asks for it and as it is stored. */
export interface Victim {
  /** `documents` (an alias) or `packages` (a physical name). */
  name: string
  /** The collection that holds the points now. */
  physical: string
  /** A payload field with an index. */
  indexed: string
}

/** One way in which the platform loses data, with the right answers known beforehand. */
export interface Fault {
  id: string
  title: string
  /** What happened, as one would tell it afterwards. */
  sentence: string
  /** The stores that it damages. */
  stores: readonly StoreKind[]
  /** The scenario that is made for it; without one, that of its stores. */
  scenario?: string
  inject: (target: LabTarget) => Promise<void>
  expected: Expected
}

export interface Expected {
  /** What a careful look must find, and what health and counts show meanwhile. */
  found: string
  /** What must be true after the recovery, besides equal content. */
  recovered: string
}

/** A fault of Qdrant strikes one collection. */
export interface QdrantFault extends Omit<Fault, 'inject' | 'stores'> {
  /** False when it only makes sense for a collection behind an alias. */
  physicalToo: boolean
  inject: (target: LabTarget, victim: Victim) => Promise<void>
}
