import type { Layout, ServiceState } from '../../lib/runtime.ts'
import type { Candidate } from '../backups.ts'
import type { Base } from '../base.ts'

/** What the service answers at its /health. */
export interface Health {
  state: 'waiting' | 'running' | 'paused' | 'blind' | 'off'
  schedule: string
  /** Why it is paused or blind. */
  why?: string
  /** ISO 8601. */
  next?: string
}

/** What the bucket shows, or why it could not be read. */
export interface BucketSeen {
  refused: { message: string; hint: string } | undefined
  candidates: Candidate[]
}

/** What a look at everything that takes part in a backup has shown. */
export interface BackupsSeen {
  layout: Layout
  states: ServiceState[]
  /** MinIO can write: it has its quorum. */
  quorum: boolean
  bucket: BucketSeen
  /** Undefined when the service does not answer, or there is none. */
  health: Health | undefined
  /** How often Docker has restarted it because it died. */
  restarts: number
  /** The last error in its log; empty when there is none. */
  words: string
  /** The newest backup of this installation by the notes in the bucket; undefined when there is none. */
  lastRun: NotedRun | undefined
  /** Incidents of this installation that are open by their marks. */
  open: string[]
}

/** What the notes of a run tell: every run leaves one at its begin and one at its end, whoever starts it. */
export interface NotedRun {
  /** UTC stamp of its begin; its set has the same. */
  id: string
  ended: boolean
}

/**
 * Why backups are not running. `by` says who can put it right: this run, a person, or nobody but the next backup,
 * which shows whether it still holds. What a person does afterwards shows only when the schedule comes round.
 */
export interface Cause {
  id:
    | 'minio-down'
    | 'no-quorum'
    | 'bucket-refused'
    | 'service-down'
    | 'crash-loop'
    | 'not-started'
    | 'run-died'
    | 'run-in-vain'
    | 'schedule-off'
    | 'other-schedule'
    | 'schedule-rare'
    | 'service-blind'
    | 'paused'
    | 'disk-full'
    | 'store-fails'
    | 'not-verified'
  sentence: string
  by: 'this run' | 'a person' | 'a person afterwards' | 'the next backup'
  /** What to do; empty where this run does it. */
  doing: string
}

export type BackupsBase = Base & BackupsSeen & { causes: Cause[] }
