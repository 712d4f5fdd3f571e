import { run } from '../../lab/drills/program.ts'
import { databaseNames } from '../../lab/drills/proof-postgres.ts'
import { aliasesOf, collectionNames } from '../../lab/drills/reads.ts'
import { faultNamed } from '../../lab/faults/faults.ts'
import { look } from '../../lab/oracle.ts'
import { lookAtPostgres } from '../../lab/oracle-postgres.ts'
import { readCorpus } from '../../lab/seed/corpus.ts'
import type { LabTarget } from '../../lab/target.ts'
import { phraseIn } from '../../runbook/unattended.ts'
import { assert, describe } from '../describe.ts'
import { KEY } from '../pty.ts'
import { beginAgain, onGround, type Ready } from './ground.ts'
import { NEO4J_LOSS } from './neo4j-ground.ts'
import { POSTGRES_LOSS } from './postgres-ground.ts'
import { assertRecovered, damage } from './recovered.ts'
import { last } from './said.ts'
import { type SmallDisk, withSmallDisk } from './small-disk.ts'
import {
  answeredFor,
  reached,
  SCENARIO,
  type Session,
  startScenario,
  typePhrase,
} from './terminal/session.ts'
import { withPostgres } from './with-postgres.ts'

const LIMIT = { seconds: 900 }

describe('a disk that fills during a restore: nothing live is touched, and with room it goes on', suite => {
  const ready = onGround(suite)
  suite.test('Qdrant: stopped, resumed', () => filled(ready(), qdrant), LIMIT)
  suite.test('PostgreSQL: tried again', () => filled(ready(), postgres), LIMIT)
  suite.test('Neo4j: tried again', () => filled(ready(), neo4j), LIMIT)
})

/** More than the recovery of any store asks for, so that it begins. */
const SIZE_MB = 600

/** A store whose disk somebody fills after the room was measured. */
interface Filling {
  /** Damages that store. */
  fault: string
  scenario: string
  answers?: Record<string, string>
  volume: string
  /** What is left free: less than what the backup holds. */
  leftMb: number
  /** Makes sure that it is the restore that finds no room. */
  prepare?: (target: LabTarget) => Promise<void>
  says: RegExp
  /** The damaged data as a drill's own reads see it; `held`: once the restore has failed. */
  live: (target: LabTarget, disk: SmallDisk, held: boolean) => Promise<unknown>
  goOn: (session: Session, target: LabTarget) => Promise<void>
}

async function filled(ready: Ready, filling: Filling): Promise<void> {
  const { scenario, answers, volume, live } = filling
  const { target } = ready
  // From the kept rows and points; the store of the drill before is down.
  await beginAgain(ready, ['postgres', 'qdrant'])
  const damaged = await damage(ready, faultNamed(filling.fault))
  const [service = ''] = damaged.fault.stores
  await withSmallDisk(target, { service, volume, sizeMb: SIZE_MB }, async disk => {
    // The writers stop before anything is read, so what is read twice must be the same.
    const session = startScenario(target, answeredFor(service, { fence: 'yes', ...answers }), scenario)
    await reached(session, 'planned')
    await filling.prepare?.(target)
    const before = await live(target, disk, false)
    await disk.fill(filling.leftMb)
    await typePhrase(session)
    await session.terminal.sees('What now?')
    assert.match(session.terminal.text(), filling.says)
    assert.equal(await live(target, disk, true), before)
    await isNamed(target, service)
    await disk.free()
    await filling.goOn(session, target)
    await assertRecovered(damaged)
  })
}

/** By a second person, who looks for what is behind it. */
async function isNamed(target: LabTarget, service: string): Promise<void> {
  const told = await run(target, 'tools/diagnose.ts', ['space'])
  assert.is(told.exitCode, 2, last(told))
  assert.match(told.stdout, new RegExp(`out of disk space: ${service}[\\s\\S]*never docker system prune`))
}

async function retried({ terminal }: Session): Promise<void> {
  terminal.type(KEY.down)
  terminal.type(KEY.enter)
  assert.is(await terminal.ended(), 0, terminal.text())
}

async function resumed({ terminal }: Session, target: LabTarget): Promise<void> {
  terminal.type(KEY.enter)
  assert.is(await terminal.ended(), 1, terminal.text())
  const ended = await run(target, SCENARIO, ['--resume', '--confirm', '-'], LIMIT.seconds, phraseIn)
  assert.is(ended.exitCode, 0, last(ended))
}

/** The upload arrives, and what is in it does not fit: the live collection is never the one that is filled. */
const qdrant: Filling = {
  fault: 'vector-bytes',
  scenario: SCENARIO,
  answers: { collections: 'documents_v1' },
  volume: 'qdrant_storage',
  leftMb: 4,
  says: /Qdrant\s+refuses:[\s\S]*No\s+space\s+left\s+on\s+device/,
  live: async target => ({
    names: await collectionNames(target),
    aliases: await aliasesOf(target),
    points: await look(target, 'documents', readCorpus(target.root)),
  }),
  goOn: resumed,
}

/** An empty database takes 2 MB there, most of its files are holes; one with the rows takes 4 MB. */
const postgres: Filling = {
  fault: 'tables-emptied',
  scenario: POSTGRES_LOSS,
  volume: 'postgres_data',
  leftMb: 2,
  prepare: logAhead,
  says: /disk\s+of\s+PostgreSQL\s+is\s+full/,
  live: async target => ({
    databases: (await databaseNames(target)).filter(({ name }) => !/_r_\d{8}_\d{6}$/.test(name)),
    rows: await lookAtPostgres(target, readCorpus(target.root)),
  }),
  goOn: retried,
}

/**
 * Leaves segments of the write-ahead log ready for use, so that it is the restore that finds no room. A log without
 * room is another fault: the server dies of it (PANIC). A checkpoint keeps segments up to min_wal_size and removes
 * the others: without more than the 80 MB of the default it would make room in the middle of the restore.
 */
async function logAhead(target: LabTarget): Promise<void> {
  await withPostgres(target, async postgres => {
    await postgres.query("ALTER SYSTEM SET min_wal_size = '400MB'")
    await postgres.query('SELECT pg_reload_conf()')
    for (let segment = 0; segment < 6; segment++) {
      await postgres.query("SELECT pg_logical_emit_message(true, 'drill', 'fill'), pg_switch_wal()")
    }
    await postgres.query('CHECKPOINT')
  })
}

const SUMS = 'find databases/neo4j transactions/neo4j -type f -exec sha256sum {} + | sort'

/** What does not open is moved as it is, so every file of it must be in the quarantine as it was. */
const neo4j: Filling = {
  fault: 'graph-corrupt',
  scenario: NEO4J_LOSS,
  answers: { databases: 'neo4j' },
  volume: 'neo4j_data',
  leftMb: 2,
  says: /disk\s+of\s+Neo4j\s+is\s+full/,
  live: (_, disk, held) => disk.inside(held ? `cd quarantine-* && ${SUMS}` : SUMS),
  goOn: retried,
}
