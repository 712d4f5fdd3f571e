import type { Target } from '../lib/target.ts'

/** The parts of the page that no step holds. Figures come from the configuration. */
/** `measured` is a paragraph and a table, or empty. */
export function overview(target: Target, measured: string): string {
  const rows = Object.values(target.stores).map(
    store => `| ${store.name} | ${store.kind} | ${store.rtoMinutes} min |`,
  )
  return `## Overview

When data of the platform is lost or damaged, this page and the program that it was generated from bring it back.
Page and program are the same thing: \`npx tsx scenarios/<name>.ts\` runs the commands below, asks where a person
must decide and keeps the incident log by itself. Whoever prefers to type can: every command below is the one
that runs.

Not sure what is wrong? \`npm start\` looks at the target, says what it sees and recommends a scenario. Is anything wrong at
all? \`npx tsx tools/health-check.ts\` looks at the services, the backups and this machine within seconds, also for cron.

| store | kind | recovery time objective |
| --- | --- | --- |
${rows.join('\n')}
| everything | | ${target.rtoMinutes} min |

${measured ? `${measured}\n` : ''}Recovery point objective: ${target.rpoHours} hours; backups are taken by the schedule \`${target.nightly.schedule}\` (UTC) and kept for ${target.nightly.retentionDays} days.

What the recovery never does: overwrite or delete live data, believe an exit code, start before the backup is
verified, or put a secret into a command line, a log or a report.
`
}

export function architecture(target: Target): string {
  return `## Backup architecture

All backups lie in the bucket \`${target.backups.bucket}\` of MinIO, one object per store and night, and one manifest per
set. The manifest is written last and is the truth about the set: it survives the loss of PostgreSQL, of which
the table \`backup_history\` is only a copy.

\`\`\`text
${target.backups.bucket}/
├── qdrant/YYYY/MM/DD/qdrant_YYYYMMDD_HHMMSS.snapshot     a tar in the layout of Qdrant's full snapshot
├── neo4j/YYYY/MM/DD/neo4j_YYYYMMDD_HHMMSS.dump            the graph; beside it the dump of \`system\` (users)
├── postgres/YYYY/MM/DD/postgres_YYYYMMDD_HHMMSS.dump      custom format; beside it the roles (.globals.sql)
└── sets/YYYY/MM/DD/set_YYYYMMDD_HHMMSS.json              sha256, size, engine version, counts, fingerprints
                    set_….verified_….json                 one per complete verification
\`\`\`

The figures in a manifest were counted in the backup itself: every snapshot of Qdrant is recovered once under a name
of its own, every dump of Neo4j is loaded into a throw-away server, every archive of PostgreSQL is read from the
first byte to the last, before the set counts. The fingerprints cover content (vectors and payloads, rows, nodes
and relationships), because on a corrupted store health, status and counts can all be right.

A set is taken in the order Qdrant, Neo4j, PostgreSQL: dependents first, so that every reference finds its row. A
store that fails does not stop the others; the set is usable for the members that succeeded. Neo4j Community cannot
be dumped while it runs: it is away for a minute or so every night, and a guardian starts it again when the backup
dies meanwhile.
`
}

export function prerequisites(target: Target, exports: string): string {
  const secrets = Object.values(target.stores).flatMap(store =>
    store.kind === 'qdrant' ? [] : [store.password.name],
  )
  return `## Prerequisites

- [ ] A shell on a machine that reaches the Docker daemon of the platform (\`docker context ls\`), in a clone of this repository
- [ ] Node 20.12 or newer, Docker with Compose v2, curl, GNU tar; \`npm ci\` once
- [ ] ${target.backups.accessKey.name} and ${target.backups.secretKey.name} of MinIO, ${secrets.join(' and ')} of the databases, in the environment or in \`.env\`
- [ ] \`runbook.config.yaml\` names this installation: project, services, URLs, contacts

Step 1 checks all of this before anything is touched. Whoever types commands from this page exports once:

${exports}
`
}

/** Where the paper's remedies were wrong, the right one stands here. */
export function troubleshooting(): string {
  return `## Troubleshooting

\`npx tsx tools/diagnose.ts\` looks for the six troubles that have a word in brackets and changes nothing. For each that it
finds it says what it has seen, the likely cause, and the next command, filled in. With a word it looks for that one only.
Each is drilled on real engines in \`test/drill/diagnose.test.ts\`, where the printed commands are run as they stand;
what else proves a remedy is named with it.

**The restore hangs** (\`hang\`). Every command has a limit, and a line appears at least every ten seconds. The line says
what is waited for; \`hang\` says who holds it: a session with an open transaction, a container of a killed run. The
first Ctrl-C stops after the command in flight, the second kills it; \`--resume\` goes on
(\`test/drill/terminal/interrupted.test.ts\`; a lock that is held for ever: \`test/drill/postgres.test.ts\`).

**Checksum mismatch** (\`checksum\`). The download is tried twice. When both give the same wrong bytes, the object itself
is damaged: choose the next older backup with \`--set backup=<id>\`, and look at \`docker compose logs minio\`
(\`test/drill/sabotage.test.ts\`).

**Out of disk space** (\`space\`). Step "Verify the backup" says where and how much. Grow the volume, or remove old incident
folders and what was released from quarantine. Never \`docker system prune -a\`: it removes the containers that were just
stopped, and images that can no longer be pulled (\`test/drill/full-disk.test.ts\` fills a disk in a restore).

**Qdrant does not start.** Its last words name the collection that it cannot load. The scenario moves that one aside
inside the volume, starts Qdrant and recovers it; nothing is deleted.

**Neo4j does not start after a restore** (\`start\`). Whose its files are, who else has its volume, and what its log
says tell the causes apart. Lock files are not one: they are locks of the operating system, and deleting one while a
process lives lets two processes open the store. Undo brings the old store back (\`npm run drill -- graph-corrupt\`).

**Foreign keys are violated** (\`foreign-keys\`). The rows without a parent are counted and shown by constraint, because
the catalogue calls a constraint valid that is not. Restore beside and swap, or set the rows aside in a table of the
schema \`quarantine\`, with the command that is printed; do not switch constraints off
(\`npm run drill -- references-broken\`).

**Rows are missing and nothing else is wrong.** A restore would bring them back and cost every write since. Copy only what
is missing: \`npx tsx scenarios/accidental-deletion.ts\`. A table that has grown since may hide what was deleted from
it; the scenario compares keys, not counts. Points and nodes that belong to the rows come back with them, as far as
\`relations\` in the configuration says what belongs together.

**A collection is missing after the restore** (\`collection\`). It is compared with the manifests
(\`npx tsx tools/restore-backup.ts --list --type qdrant\`): a wrong name, an alias that points elsewhere, or never in
that set. Do not create it by hand: a recovery into an existing collection can clear it
(\`npm run drill -- collection-deleted\`, \`alias-wrong\`).

**Rows have no point or node, or points have no row.** Validation lists their keys. \`npx tsx tools/repair.ts --plan\` says
what it would do: have the platform make them again (\`reindex\` in the configuration); save and delete the points and
nodes that stand beside no row. Where rows were deleted by accident, bring those back instead.

**A relationship leads to the wrong node, or a point has the vector of another.** No count shows it. Relationships are held
against foreign keys (\`edges\`), payloads, properties and vectors against the rows of a sample (\`content\`, \`embed\`;
\`npx tsx tools/validate-data-integrity.ts --sample all\` for every row). \`tools/repair.ts\` saves what is wrong, puts the
right one in its place, and says how to take that back.

**A collection is gone and no backup of it can be used.** \`tools/repair.ts\` makes it anew as the newest manifest or
\`create\` in the configuration says, and has the platform fill it from the rows.

**A set has no usable backup of one store.** \`--list\` says why for every member. Choose an older set, or restore the
stores one by one, PostgreSQL first, and repair the references afterwards.

**Everything went wrong.** \`--resume\` and choose to undo, or type the undo commands of \`report.md\`, newest first. The
damaged data is in quarantine until somebody releases it.
`
}

/** The paper's three ways back, as commands. */
export function rollback(): string {
  return `## Rollback

**Retry with another backup.** The previous one, or one of a given day, of a store or of all of them:

\`\`\`sh
npx tsx tools/restore-backup.ts --list
npx tsx tools/restore-backup.ts --type postgres --backup-id previous
npx tsx tools/restore-backup.ts --type postgres --backup-id 2026-11-21
npx tsx tools/restore-backup.ts --type all --backup-id set_20261121_020000
\`\`\`

A day is one of UTC, and means the last backup of that day; \`previous\` is the one before \`latest\`. The scenarios take
the same words: \`--set backup=previous\`, \`--set set=2026-11-21\`. One that is older than the recovery point objective, or of another installation, has to be accepted by typing its id.

**Undo.** Every change has its undo beside it on this page; a run that holds offers to take back all it did, newest
first. After a success the damaged data is still there: as the replaced database, collection or folder that the run
names at its end.

**By hand.** The commands of a recovery, filled in for this target and one backup, as a script to read and run:

\`\`\`sh
npx tsx scenarios/postgres-loss.ts --plan --shell --set backup=latest > recover.sh
\`\`\`

When this program dies in the middle, \`recover-by-hand.sh\` in the folder of the incident holds what is still to be done.
Whoever went on by hand lets the program take over again; what its probes find done is not done a second time:

\`\`\`sh
npx tsx scenarios/postgres-loss.ts --resume --adopt
\`\`\`

**Quarantine.** What recoveries have set aside costs space until somebody says that nobody needs it:

\`\`\`sh
npx tsx tools/release-quarantine.ts
npx tsx tools/release-quarantine.ts <incident>
\`\`\`
`
}

/** What people need from each other: the paper had three lines of echo for it. */
export function people(): string {
  return `## Two people, and what remains

**Follow.** Shows a run live from any machine that reaches the daemon: where it is, the clock against the RTO, what comes
next, what can be undone. \`docker logs -f <project>-recovery-lock\` shows the same as sentences.

\`\`\`sh
npx tsx tools/follow.ts
\`\`\`

**Pair.** The driver runs the scenario, the navigator says before each change what will come of it: a count, a state, a
name. When the outcome is another, the run stops before its next change; so it does when the navigator goes away.

\`\`\`sh
npx tsx scenarios/qdrant-corruption.ts --pair
npx tsx tools/follow.ts --navigate
\`\`\`

**Hand over.** One screen for the next engineer, one question to the one who leaves, then the lock goes on. The first
terminal can no longer write, also when its machine was asleep.

\`\`\`sh
npx tsx tools/handover.ts --to <name>
\`\`\`

**Afterwards.** The report of an incident is \`report.md\` and \`report.html\`; a line of the journal can be pinned, hidden or
commented in it. A run can be replayed against the steps of today, and \`npm run report\` draws what all of them took.

\`\`\`sh
npx tsx tools/annotate.ts <incident> comment <line> '<what the journal cannot know>'
npx tsx tools/replay.ts <incident>
npm run report
\`\`\`
`
}
