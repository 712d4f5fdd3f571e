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

/** One way in which Qdrant breaks, with the right answers known beforehand. */
export interface Fault {
  id: string
  title: string
  /** What happened, as one would tell it afterwards. */
  sentence: string
  /** False when it only makes sense for a collection behind an alias. */
  physicalToo: boolean
  inject: (target: LabTarget, victim: Victim) => Promise<void>
  expected: {
    /** What a careful look must find, and what health and counts show meanwhile. */
    found: string
    /** What must be true after the recovery, besides equal content. */
    recovered: string
  }
}
