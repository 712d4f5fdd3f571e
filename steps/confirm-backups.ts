import { duration } from '../lib/format.ts'
import type { Binding } from '../runbook/model.ts'
import { keeperOf } from '../stores/backup-service/commands.ts'
import type { BackupsBase } from '../stores/backup-service/facts.ts'
import { usable } from '../stores/backups.ts'

/** Checks, dumps and reads of every store, where no earlier backup tells more. */
const BACKUP_SECONDS = 120
const RESTART_SECONDS = 30

/** Nothing is replaced, but a backup stops Neo4j for its dump: somebody has to agree to that. */
export const confirmBackups: Binding<BackupsBase> = {
  say: 'Type the phrase to go on',
  words: f => [f.target.runtime.project, 'backups'],
  looks: f => [f.target.runtime.identity(), f.target.runtime.layout()],
  derive: ([daemon, layout], f) => ({
    daemon: daemon!.stdout.trim(),
    project: f.target.runtime.project,
    volumes: f.target.runtime.readLayout(layout!).volumes.join(' '),
    causes: f.causes.map(({ id }) => id).join(' '),
  }),
  facts: f => [
    ...(f.causes.length === 0
      ? ['cause     none was seen']
      : f.causes.map(one => `cause     ${one.sentence}`)),
    ...f.causes.filter(({ by }) => by.startsWith('a person')).map(({ doing }) => `by hand   ${doing}`),
    `backup    a set of every store, read back and proven${away(f)}`,
    ...(keeperOf(f.target) === 'a container' ? ['restart   the backup service'] : []),
    'loss      none: nothing is replaced, and nothing is removed',
    'undo      what was started is stopped again; a set is never taken back',
  ],
  estimate: f => Math.max(BACKUP_SECONDS, 2 * downtime(f)) + RESTART_SECONDS,
}

function away(f: BackupsBase): string {
  const seconds = downtime(f)
  return seconds > 0
    ? `; Neo4j is away for about ${duration(seconds * 1000)}`
    : '; Neo4j is away for its dump'
}

/** Seconds, as the newest backup of Neo4j has measured them. */
function downtime(f: BackupsBase): number {
  return usable(f.bucket.candidates, 'neo4j')[0]?.member.downtime_seconds ?? 0
}
