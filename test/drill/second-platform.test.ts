import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Ended, run } from '../../lab/drills/program.ts'
import { recover as recoverWith } from '../../lab/drills/scenario.ts'
import { compose, until } from '../../lab/ground.ts'
import { say } from '../../lab/setup/progress.ts'
import { type Config, loadConfig } from '../../lib/config.ts'
import { assert, describe, failure } from '../describe.ts'
import {
  archive,
  COMPOSE_FILE,
  cypher,
  FOLDER,
  LETTERS,
  lookAtArchive,
  qdrant,
  removeArchive,
  sql,
  startArchive,
} from './archive.ts'
import { last } from './said.ts'

/** Each test takes half a minute on two cores; a loaded machine may need several. */
const LIMIT = { seconds: 600 }

describe('a platform that is not the demo is recovered by the same code', suite => {
  const target = archive()
  const folder = mkdtempSync(join(tmpdir(), 'second-'))
  const config = join(folder, 'runbook.config.yaml')
  let whole: Awaited<ReturnType<typeof lookAtArchive>>

  const program = (file: string, ...args: string[]) => run(target, file, [...args, '--config', config], 900)
  const recovered = async (scenario: string, ...answers: string[]) => {
    const given = answers.flatMap(answer => ['--set', answer])
    const ended = await recoverWith(target, [...given, '--config', config], scenario, LIMIT.seconds)
    ends(ended, 0)
    assert.equal(await lookAtArchive(target), whole)
    say(`  ${scenario}: recovered in ${ended.seconds.toFixed(0)} s`)
    return ended
  }

  suite.before(() => startArchive(target))
  suite.after(() => rmSync(folder, { recursive: true, force: true }))
  suite.after(() => removeArchive(target))

  suite.test(
    'its first configuration lacks nothing but what no compose project shows',
    async () => {
      writeFileSync(config, atFolder(readFileSync(join(FOLDER, 'runbook.config.yaml'), 'utf8')))
      const out = join(folder, 'first.yaml')
      const ended = await run(target, 'tools/init.ts', [target.project, '--file', COMPOSE_FILE, '--out', out])
      ends(ended, 0)
      for (const store of [
        'row-store-letters (postgres)',
        'row-store-readers (postgres)',
        'meaning (qdrant)',
      ])
        assert.match(ended.stderr, store)
      const text = atFolder(readFileSync(out, 'utf8'))
      writeFileSync(out, text)
      const { message } = await failure(() => loadConfig(out, target.env))
      assert.equal(
        [...message.matchAll(/line \d+: (\S+) is not filled in/g)].map(([, at]) => at),
        [0, 1, 2].map(n => `escalation.${n}.contact`),
      )
      writeFileSync(out, text.replaceAll(/"FILL IN:[^"]*"/g, 'filled in'))
      assert.equal(platformOf(loadConfig(out, target.env)), platformOf(loadConfig(config, target.env)))
    },
    LIMIT,
  )

  suite.test(
    'every store of it is backed up and proven, both databases of one server too',
    async () => {
      ends(await program('tools/backup-service.ts', '--run-once'), 0)
      const { stdout } = await program('tools/restore-backup.ts', '--list')
      for (const store of ['row-store-letters', 'row-store-readers', 'meaning', 'kinship'])
        assert.match(stdout, new RegExp(`${store}_\\d{8}_\\d{6}`))
      whole = await lookAtArchive(target)
      assert.is(whole.letters.split('\n').length, LETTERS)
      // Whatever a recovery brings back, it is not what was there at the end.
      await sql(target, 'readers', "INSERT INTO loans VALUES (1, '00000000-0000-0000-0000-000000000000')")
      assert.is.not((await lookAtArchive(target)).loans, whole.loans)
    },
    LIMIT,
  )

  suite.test(
    'one of two databases is dropped',
    async () => {
      await sql(target, 'postgres', 'DROP DATABASE readers WITH (FORCE)')
      await recovered('scenarios/postgres-loss.ts', 'store=row-store-readers', 'backup=latest')
    },
    LIMIT,
  )

  suite.test(
    'a collection with named vectors and no alias is deleted',
    async () => {
      await qdrant(target, 'DELETE', '/collections/letters')
      const { stdout } = await recovered('scenarios/qdrant-corruption.ts', 'backup=latest')
      // Five of each name.
      assert.match(stdout, /vectors and payloads equal, 10 searches find themselves/)
    },
    LIMIT,
  )

  suite.test(
    'the nodes are deleted',
    async () => {
      await cypher(target, 'MATCH (l:Letter) DETACH DELETE l')
      await recovered('scenarios/neo4j-loss.ts', 'backup=latest')
    },
    LIMIT,
  )

  suite.test(
    'the server of both databases does not start: none of them is left behind',
    async () => {
      await breakCluster()
      const alone = ['--set', 'store=row-store-letters', '--set', 'backup=latest']
      const refused = await program('scenarios/postgres-loss.ts', '--plan', ...alone)
      ends(refused, 64)
      assert.match(refused.stderr, /row-store-readers has its database in it, too/)
      const both = 'row-store-letters,row-store-readers'
      assert.match(refused.stderr, `complete-failure.ts --set stores=${both}`)
      await recovered('scenarios/complete-failure.ts', `stores=${both}`, 'set=latest')
    },
    LIMIT,
  )

  suite.test(
    'at the end everything is proven once more, and asked as its users would',
    async () => {
      ends(await program('tools/validate-data-integrity.ts'), 0)
      ends(await program('tools/smoke-tests.ts'), 0)
      // With another key Qdrant says that it is ready, and lets nobody in.
      const stranger = { ...target, env: { ...target.env, MEANING_KEY: 'a key that nobody has set' } }
      const refused = await run(stranger, 'tools/validate-data-integrity.ts', [
        '--type',
        'qdrant',
        '--config',
        config,
      ])
      ends(refused, 1)
      assert.match(refused.stderr, /Qdrant refuses the key of MEANING_KEY\nHINT: set MEANING_KEY/)
      // And a store that has lost something is no longer proven.
      await sql(target, 'letters', "DELETE FROM letters WHERE subject = 'letter 7'")
      ends(await program('tools/smoke-tests.ts'), 2)
    },
    LIMIT,
  )

  /** A control file of no bytes: the server ends at each start, and Docker starts it again. */
  async function breakCluster(): Promise<void> {
    await compose(target, 'exec', '-T', 'row_store', 'sh', '-c', ': > "$PGDATA/global/pg_control"')
    await compose(target, 'kill', 'row_store')
    await compose(target, 'start', 'row_store')
    await until('the server ends again and again', 60, async () => {
      const log = await compose(target, 'logs', '--no-log-prefix', '--tail', '20', 'row_store')
      return /pg_control|PANIC/.test(log) || undefined
    })
  }
})

/** Paths begin at the folder of a file: this one lies elsewhere. */
function atFolder(text: string): string {
  return text
    .replace(/^env_file: .*$/m, `env_file: ${join(FOLDER, 'practice.env')}`)
    .replace(/^ {2}files: .*$/m, `  files: [${COMPOSE_FILE}]`)
}

/** What a compose project shows of itself; the rest is for people. */
function platformOf({ platform, docker, stores, writers, backups, targets }: Config) {
  return { platform, docker, stores, writers, backups, targets }
}

function ends(ended: Ended, exitCode: number): void {
  assert.is(ended.exitCode, exitCode, last(ended))
}
