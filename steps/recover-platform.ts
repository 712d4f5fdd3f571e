import { bytes, duration } from '../lib/format.ts'
import type { Binding } from '../runbook/model.ts'
import { step } from '../runbook/tree.ts'
import type { Usable } from '../stores/backups.ts'
import type { Base, StoreBinding } from '../stores/base.ts'
import { type Tested, testedText } from '../stores/evidence.ts'
import { bindNeo4j } from '../stores/neo4j/binding.ts'
import { bindPostgres } from '../stores/postgres/binding.ts'
import { bindQdrant } from '../stores/qdrant/binding.ts'
import { FIXED_SECONDS } from './confirm.ts'
import { allWorks, lane, type Together } from './platform.ts'
import { restoreNeo4j } from './restore-neo4j.ts'
import { restorePostgres } from './restore-postgres.ts'
import { restoreQdrant } from './restore-qdrant.ts'
import { validateNeo4j } from './validate-neo4j.ts'
import { validatePostgres } from './validate-postgres.ts'
import { validateQdrant } from './validate-qdrant.ts'
import { validateNodes, validatePoints } from './validate-references.ts'
import { verifyNeo4jBackup } from './verify-backup-neo4j.ts'
import { verifyPostgresBackup } from './verify-backup-postgres.ts'
import { verifyQdrantBackup } from './verify-backup-qdrant.ts'

type Needs = Base & Together

export const verifyPlatform = step<Needs, unknown>({
  id: 'verify-set',
  title: 'Verify every backup of the set',
  why: 'All of the set is read back before anything is changed: one damaged member is found now, and not when two stores are restored already.',
  body: s =>
    s.lanes({
      qdrant: lane('qdrant', s => s.step(verifyQdrantBackup), 'qdrant'),
      neo4j: lane('neo4j', s => s.step(verifyNeo4jBackup), 'neo4j'),
      postgres: lane('postgres', s => s.step(verifyPostgresBackup), 'postgres'),
    }),
  summary: f =>
    `${bytes(allWorks(f).reduce((sum, { candidate }) => sum + candidate.member.size_bytes, 0))} read back, whole`,
})

export const restorePlatform = step<Needs, { restored: Together['works'] }>({
  id: 'restore-set',
  title: 'Restore the stores side by side, and validate each by itself',
  why: `One after the other the three restores take longer than the platform may be down. They do not touch each other,
so they run as lanes; one that fails does not stop the others, and the run holds when all have settled. A store that is
back is read once more through the names, ports and passwords that the platform uses, while the slower ones are still
on their way.`,
  trouble: 'The lane that failed says what to do. A retry repeats nothing of the lanes that ended well.',
  body: s =>
    s
      .lanes({
        qdrant: lane('qdrant', s => s.step(restoreQdrant).step(validateQdrant), 'qdrant'),
        neo4j: lane('neo4j', s => s.step(restoreNeo4j).step(validateNeo4j), 'neo4j'),
        postgres: lane('postgres', s => s.step(restorePostgres).step(validatePostgres), 'postgres'),
      })
      .let('put it together', f => ({
        restored: { qdrant: f.qdrant, neo4j: f.neo4j, postgres: f.postgres },
      })),
  summary: f =>
    allWorks(f)
      .map(({ candidate }) => candidate.id)
      .join(', '),
})

export const validatePlatform = step<Needs, unknown>({
  id: 'validate-set',
  title: 'Validate what the stores refer to in each other',
  why: `Rows, points and nodes of one set may differ by what was written while it was taken: that was foretold, and is
counted here. It has to wait until every store is back.`,
  trouble:
    'Do not restart the services on data that failed here. Undo, then start again without --resume and choose the next older set.',
  body: s =>
    s.lanes({
      qdrant: lane('qdrant', s => s.step(validatePoints), 'qdrant'),
      neo4j: lane('neo4j', s => s.step(validateNodes), 'neo4j'),
    }),
})

/** One phrase for all stores: bound to the bytes of every member and to the names every live store has. */
export const confirmPlatform: Binding<Needs> = {
  say: 'Type the phrase to go on',
  words: f => [f.target.runtime.project, 'restore'],
  looks: f => [f.target.runtime.identity(), f.target.runtime.layout(), ...bound(f).flatMap(one => one.looks)],
  derive: ([daemon, layout, ...live], f) => {
    const state: Record<string, string> = {
      daemon: daemon!.stdout.trim(),
      project: f.target.runtime.project,
      volumes: f.target.runtime.readLayout(layout!).volumes.join(' '),
    }
    let next = 0
    for (const { name, looks, derive, candidate } of bound(f)) {
      state[`backup of ${name}`] = `${candidate.id} ${candidate.member.sha256}`
      const seen = derive(live.slice(next, next + looks.length))
      for (const [key, value] of Object.entries(seen)) state[`${name} ${key}`] = value
      next += looks.length
    }
    return state
  },
  facts: f => [
    ...bound(f).flatMap(({ name, lines, seconds, tested }) => [
      `${name} (about ${duration(seconds * 1000)})`,
      ...[...lines, tested].map(line => `  ${line}`),
    ]),
    `undo      about ${duration(Math.max(...bound(f).map(one => one.undoSeconds)) * 1000)}; the damaged data stays until it is released`,
  ],
  // The lanes run beside each other: the slowest of them is the critical path.
  estimate: f => FIXED_SECONDS + Math.max(0, ...bound(f).map(one => one.seconds)),
}

function bound({ works }: Together) {
  return [
    ...works.qdrant.map(work => bind(bindQdrant, work)),
    ...works.neo4j.map(work => bind(bindNeo4j, work)),
    ...works.postgres.map(work => bind(bindPostgres, work)),
  ]
}

function bind<F>(
  binding: StoreBinding<F>,
  work: F & { name: string; candidate: Usable; tested: readonly Tested[] },
) {
  return {
    name: work.name,
    candidate: work.candidate,
    looks: binding.looks(work),
    derive: (outputs: Parameters<StoreBinding<F>['derive']>[0]) => binding.derive(outputs, work),
    lines: binding.lines(work),
    seconds: binding.seconds(work),
    tested: testedText(work.tested, work.name, work.candidate.member, Date.now()),
    undoSeconds: binding.undoSeconds(work),
  }
}
