import type { Target } from '../lib/target.ts'
import { GRACE_DAYS } from '../stores/retention.ts'

/** How the backup service proves, lists and removes what it has made. */
export function backupService(target: Target): string {
  return [schedule(target), verification(), catalogue(), retention(target), replica(), monthlyTest()].join(
    '\n',
  )
}

function schedule({ nightly }: Target): string {
  return `### Schedule

\`\`\`sh
npx tsx tools/backup-service.ts --run-once    # now
npx tsx tools/backup-service.ts --schedule    # stays; ${nightly.schedule} in UTC, from BACKUP_SCHEDULE
curl http://127.0.0.1:8081/health             # what it does, its next and its last run
docker compose exec backup-service backup-service --run-once   # in the container that keeps the schedule
docker compose logs -f backup-service                          # when it runs next, and what it does
\`\`\`

The service remembers nothing: the next run is the first time of the schedule after the newest set in the bucket, so a
missed run is caught up with as soon as it can be, and a set taken by hand counts. Where there is no set yet, it waits
for its hour. It takes the lock of the target for each run, so that it never runs twice at once, whoever else backs up
or recovers; it stands still while an incident of this installation is open; a run that could not write its set is
tried again a quarter of an hour later. Told to stop, it interrupts its run, which starts what it has stopped; killed
while Neo4j is stopped, Neo4j is started again by the guardian, or by the service when it comes back.
`
}

function verification(): string {
  return `### Verification

Once a set is written, every member is read back from the bucket and proven as before a restore; what was found lies
beside the manifest as an object of its own: verdict and reason per member, when, how long, by which version of this
tool, and the sha256 of the manifest, which is never changed (one that was is no longer believed). \`failed\` means
that the backup is bad and it is no longer offered; \`unchecked\` means that nobody could look. Again, for the newest
set or for a named one:

\`\`\`sh
npx tsx tools/backup-service.ts --verify [set]
npx tsx tools/backup-service.ts --verify --deep [set]
\`\`\`

With \`--deep\` every member is restored for a trial as well: into containers that are on no network and have no volume of
the platform, on the images that the platform runs. What comes out is compared with what the manifest counted: points
with vectors and payloads, nodes and relationships, rows. All of it is removed afterwards.
`
}

function catalogue(): string {
  return `### Catalogue

What the bucket holds, newest first, without asking any database; and the table \`backup_history\`, which is written after
every backup and verification, filled again from the bucket:

\`\`\`sh
npx tsx tools/restore-backup.ts --list [--type qdrant|neo4j|postgres]
npx tsx tools/restore-backup.ts --rebuild-catalogue
\`\`\`

Its loss harms nothing, but after a restore of PostgreSQL it is as old as the backup: rebuild it. \`status\` is \`failed\`
also for a backup that could not be proven. Recent backups, and the failures of a week:

\`\`\`sql
SELECT backup_type, timestamp, status, size_bytes/1024/1024 as size_mb
FROM backup_history
ORDER BY timestamp DESC
LIMIT 10;

SELECT backup_type, COUNT(*) as failures
FROM backup_history
WHERE status = 'failed' AND timestamp > NOW() - INTERVAL '7 days'
GROUP BY backup_type;
\`\`\`
`
}

function retention({ nightly }: Target): string {
  return `### Retention

A set goes when it is older than ${nightly.retentionDays} days AND every store in it has at least ${nightly.keepVerified} newer verified
backups, so a month of failing backups never takes the last good one. Only sets of this installation count and go: others that
keep theirs in the same bucket have a retention of their own. The manifest goes first: a set without one does
not exist, so a removal that is killed half-way leaves nothing that looks whole. What killed runs leave behind goes a
day later; what this tool did not write stays. In a bucket with versions a removed set can be brought back for ${GRACE_DAYS}
days; the health check finds one that keeps none and has no replica. While an incident is open nothing goes and no backup begins: a recovery that has changed something says so in
\`incidents/\` of the bucket until it has succeeded or has been undone. Where the bucket has object lock, what it restores
from is under a legal hold as long: no rule of the server removes it for good either.

\`\`\`sh
npx tsx tools/backup-service.ts --retention --plan          # what would go
npx tsx tools/backup-service.ts --retention
npx tsx tools/backup-service.ts --close-incident <incident> # one that nobody will resume
\`\`\`
`
}

function replica(): string {
  return `### Replica

With \`backups.replica\` in the configuration every verified set is copied to a second server after each run, digests
compared, its manifest last. Nothing is ever replaced or removed there, not even by retention: give it credentials of
its own and a lifecycle rule on that server. A run whose copy fails ends with exit code 1. What is missing there:

\`\`\`sh
npx tsx tools/backup-service.ts --replicate
\`\`\`
`
}

function monthlyTest(): string {
  return `### Monthly test of a restore

\`\`\`sh
npx tsx tools/test-recovery.ts             # the newest verified set; --random takes any
npx tsx tools/test-recovery.ts --quick     # list, read the newest set back, look at the live data
\`\`\`

The set is copied into a MinIO of the test and restored from there as on an empty host, by the scenario that people run,
into the compose project of \`runbook.test.yaml\` and \`docker-compose.test.yaml\`: other name, volumes, ports and
credentials, refused on any overlap. What is restored is validated, smoke-tested, held against the RTO of each store, and
removed. First a twin of the set that is damaged inside goes the same way, and has to be rejected: a test that cannot fail
proves nothing. The evidence is a line of \`dr_test_log.jsonl\`: set, engines, counts, durations, failures.
`
}
