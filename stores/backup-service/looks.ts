import type { Command, Output } from '../../lib/command.ts'
import type { Base } from '../base.ts'
import {
  askService,
  hasQuorum,
  listMarks,
  listRuns,
  lookAtBucket,
  quorum,
  readBucket,
  readHealth,
  readMarks,
  readRuns,
} from './commands.ts'
import type { BackupsSeen, Cause } from './facts.ts'

/** Looks at what takes part in a backup, each with how its answer is read: once to assess, again after a repair. */
export const LOOKS = {
  quorum: { run: quorum, learn: o => ({ quorum: hasQuorum(o) }) },
  bucket: { run: lookAtBucket, learn: o => ({ bucket: readBucket(o) }) },
  marks: { run: listMarks, learn: o => ({ open: readMarks(o) }) },
  runs: { run: listRuns, learn: o => ({ lastRun: readRuns(o) }) },
  health: { run: askService, learn: o => ({ health: readHealth(o) }) },
} satisfies Record<string, { run: (f: Base) => Command; learn: (o: Output) => Partial<BackupsSeen> }>

const SHOWN_BY: Partial<Record<Cause['id'], keyof typeof LOOKS>> = {
  'no-quorum': 'quorum',
  paused: 'marks',
  'service-down': 'health',
  'crash-loop': 'health',
  'other-schedule': 'health',
  'service-blind': 'health',
}

/** The look that has shown a cause, and shows whether it is still there. */
export function lookFor(cause: Cause) {
  return LOOKS[SHOWN_BY[cause.id] ?? 'bucket']
}
