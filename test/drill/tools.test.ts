import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { incidentNames, newIncident } from '../../lab/drills/incidents.ts'
import { writeMarker } from '../../lab/drills/marker.ts'
import { type Ended, run } from '../../lab/drills/program.ts'
import { prove } from '../../lab/drills/proof.ts'
import { collectionNames } from '../../lab/drills/reads.ts'
import { recover } from '../../lab/drills/scenario.ts'
import { rightAnswer } from '../../lab/drills/script.ts'
import { serviceHealth, startService } from '../../lab/drills/service.ts'
import type { Victim } from '../../lab/faults/fault.ts'
import { faultNamed, inject } from '../../lab/faults/faults.ts'
import { compose } from '../../lab/ground.ts'
import { isIntact, look } from '../../lab/oracle.ts'
import { readCorpus } from '../../lab/seed/corpus.ts'
import { waitUntilHealthy } from '../../lab/start.ts'
import type { LabTarget } from '../../lab/target.ts'
import { assert, describe } from '../describe.ts'
import { eventually } from '../poll.ts'
import { configLike } from './config.ts'
import { beginAgain, onGround, type Ready } from './ground.ts'
import { assertRefusedUntouched, PLAN } from './refused.ts'
import { last } from './said.ts'
import { withPostgres } from './with-postgres.ts'
import { worldOf } from './world.ts'

const LIMIT = { seconds: 600 }
const RESTORE = 'tools/restore-backup.ts'
const RELEASE = 'tools/release-quarantine.ts'

/** The tests build on each other: sound, damaged, recovered, released. */
describe('the tools around a recovery', suite => {
  const ready = onGround(suite)
  let incident = ''
  suite.test('a sound platform: nothing is wrong', () => sound(ready()), LIMIT)
  suite.test(
    'backup_history comes back from the bucket when it is lost',
    () => rebuilt(ready().target),
    LIMIT,
  )
  suite.test('a damaged one is seen by every tool that looks', () => damaged(ready()), LIMIT)
  suite.test('--plan changes nothing', () => planOnly(ready().target), LIMIT)
  suite.test(
    'restore-backup recovers like the scenario',
    async () => {
      incident = await restored(ready())
    },
    LIMIT,
  )
  suite.test(
    'release-quarantine refuses what it cannot know',
    () => notReleased(ready().target, incident),
    LIMIT,
  )
  suite.test(
    'release-quarantine deletes the damaged data and nothing else',
    () => released(ready(), incident),
    LIMIT,
  )
  suite.test(
    'the health check finds nothing, then the one service that is down',
    () => health(ready()),
    LIMIT,
  )
})

interface Report {
  checks: { store: string; check: string; verdict: string }[]
}

async function sound(ready: Ready): Promise<void> {
  const { target } = ready
  await beginAgain(ready)
  const before = await worldOf(target)
  const validated = await run(target, 'tools/validate-data-integrity.ts')
  exits(validated, 0)
  const [, passed, all, report = ''] = /(\d+) of (\d+) checks passed: (\S+)\.txt/.exec(validated.stdout) ?? []
  assert.ok(Number(all) >= 9 && passed === all, last(validated))
  const { checks } = JSON.parse(readFileSync(join(target.root, `${report}.json`), 'utf8')) as Report
  for (const store of ['qdrant', 'neo4j', 'postgres']) assert.ok(checks.some(one => one.store === store))
  const references = checks.filter(({ check }) => /^every row has its (point|node)/.test(check))
  assert.is(references.length, 3, 'chunks and their points, chunks and documents and their nodes')
  exits(await run(target, RESTORE, ['--validate-only']), 0)
  exits(await run(target, 'scenarios/start.ts'), 0)
  const list = await run(target, RESTORE, ['--list', '--type', 'qdrant'])
  exits(list, 0)
  assert.match(list.stdout, /qdrant_\d{8}_\d{6}: .*verified/)
  assert.equal(await worldOf(target), before)
}

/** The two queries are those of the paper runbook, as they stand there. */
const RECENT = `SELECT backup_type, timestamp, status, size_bytes/1024/1024 as size_mb
  FROM backup_history ORDER BY timestamp DESC LIMIT 10`
const FAILURES = `SELECT backup_type, COUNT(*) as failures FROM backup_history
  WHERE status = 'failed' AND timestamp > NOW() - INTERVAL '7 days' GROUP BY backup_type`

const ALL =
  'SELECT backup_id, status, checksum FROM backup_history WHERE removed_at IS NULL ORDER BY backup_id'

async function rebuilt(target: LabTarget): Promise<void> {
  await withPostgres(target, async postgres => {
    const rebuild = async () => exits(await run(target, RESTORE, ['--rebuild-catalogue']), 0)
    await rebuild()
    const before = await postgres.query<{ backup_id: string }>(ALL)
    for (const store of ['qdrant', 'neo4j', 'postgres'])
      assert.ok(
        before.some(row => row.backup_id.startsWith(`${store}_`)),
        `no backup of ${store}`,
      )
    await postgres.query('DROP TABLE backup_history')
    await rebuild()
    assert.equal(await postgres.query(ALL), before)
    const [row] = await postgres.query(RECENT)
    assert.equal(Object.keys(row ?? {}), ['backup_type', 'timestamp', 'status', 'size_mb'])
    await postgres.query(FAILURES)
  })
}

async function damaged(ready: Ready): Promise<void> {
  const { target } = ready
  await inject(target, faultNamed('vector-bytes'), 'documents')
  const before = await worldOf(target)
  const looking: [string, string[]][] = [
    ['tools/validate-data-integrity.ts', []],
    [RESTORE, ['--validate-only', '--type', 'qdrant']],
    ['scenarios/start.ts', []],
  ]
  for (const [file, args] of looking) {
    const ended = await run(target, file, args)
    exits(ended, 2)
    assert.match(ended.stdout, /damaged vector/)
  }
  assert.equal(await worldOf(target), before)
}

async function planOnly(target: LabTarget): Promise<void> {
  const before = await worldOf(target)
  const [file = '', ...args] = PLAN
  const ended = await run(target, file, args)
  exits(ended, 0)
  assert.match(ended.stdout, /documents_v1__r_/)
  const two = ['--type', 'neo4j', '--type', 'postgres', '--backup-id', 'latest', '--plan']
  const subset = await run(target, RESTORE, two)
  exits(subset, 0)
  for (const change of ['load the dump', 'make an empty database beside']) assert.match(subset.stdout, change)
  assert.not.match(subset.stdout, /documents_v1__r_/)
  assert.equal(await worldOf(target), before)
}

/** Through restore-backup, with the id of the backup; gives the name of the incident. */
async function restored(ready: Ready): Promise<string> {
  const { target, before } = ready
  const after = await writeMarker(target, 'after the backup')
  const fault = faultNamed('vector-bytes')
  const victim: Victim = { name: 'documents', physical: 'documents_v1', indexed: 'package' }
  const list = await run(target, RESTORE, ['--list', '--type', 'qdrant'])
  // Newest first; twins of other tests are older.
  const id = /qdrant_\d{8}_\d{6}/.exec(list.stdout)?.[0] ?? ''
  const incident = await recoverWith(target, ['--type', 'qdrant', '--backup-id', id])
  const right = rightAnswer(fault, 'documents')
  const claims = await prove(target, { fault, victim, right, before, after, scale: 1, incident })
  assert.equal(
    claims.filter(claim => !claim.holds),
    [],
  )
  return basename(incident)
}

async function recoverWith(target: LabTarget, args: readonly string[]): Promise<string> {
  const earlier = incidentNames(target)
  exits(await recover(target, args, RESTORE), 0)
  return newIncident(target, earlier) ?? ''
}

async function notReleased(target: LabTarget, incident: string): Promise<void> {
  const cases: [string[], number, RegExp][] = [
    [['20190101_000000-qdrant-corruption', '--confirm', 'x'], 64, /there is no incident/],
    [['../../etc', '--confirm', 'x'], 64, /there is no incident/],
    [[incident], 64, /phrase/],
    [[incident, '--confirm', 'something else'], 3, /phrase/],
  ]
  const refusals = cases.map(([args, exitCode, says]) => ({ argv: [RELEASE, ...args], exitCode, says }))
  await assertRefusedUntouched(target, ...refusals)
}

async function released({ target }: Ready, incident: string): Promise<void> {
  const { aliases, bucket, volumes } = await worldOf(target)
  const listed = await run(target, RELEASE)
  assert.match(
    listed.stdout,
    new RegExp(`^${incident}: .*documents_v1.*\\(takes [1-9][\\d.]* [KMG]B\\)$`, 'm'),
  )
  exits(await run(target, RELEASE, [incident, '--confirm', `${target.project} release ${incident}`]), 0)
  assert.not((await collectionNames(target)).includes('documents_v1'))
  const now = await worldOf(target)
  assert.equal([now.aliases, now.bucket, now.volumes], [aliases, bucket, volumes])
  assert.ok(isIntact(await look(target, 'documents', readCorpus(target.root))))
}

function exits(ended: Ended, exitCode: number): void {
  assert.is(ended.exitCode, exitCode, last(ended))
}

/** The ground has no Grafana, and its schedule is off: with both put right, nothing may be wrong. Ends with it off. */
async function health({ target }: Ready): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'health-'))
  const on = { ...target, env: { ...target.env, BACKUP_SCHEDULE: '0 2 * * *' } }
  await startService(target, '0 2 * * *')
  await eventually(async () => (await serviceHealth(target)).includes('"waiting"'))
  await waitUntilHealthy(target)
  try {
    const config = configLike(target, folder, text =>
      text
        .replace(/^links:\n[\s\S]*?\n\n/m, 'links: []\n\n')
        .replace('incidents: incidents', `incidents: ${join(target.root, 'incidents')}`),
    )
    const check = () => run(on, 'tools/health-check.ts', ['--json', '--config', config])
    const wrong = ({ stdout }: Ended) =>
      (JSON.parse(stdout) as { findings: { name: string; verdict: string }[] }).findings
        .filter(({ verdict }) => verdict !== 'proven')
        .map(({ name }) => name)
    const well = await check()
    assert.equal(wrong(well), [], well.stdout)
    exits(well, 0)
    await compose(target, 'stop', 'drift-monitor')
    const ill = await check()
    assert.equal(wrong(ill), ['drift-monitor is up'], ill.stdout)
    exits(ill, 1)
    await compose(target, 'stop', '--timeout', '5', 'backup-service')
    assert.ok(wrong(await check()).includes('what takes the backups does its work'))
  } finally {
    await startService(target, 'off')
    await compose(target, 'start', 'drift-monitor')
    rmSync(folder, { recursive: true, force: true })
  }
}
