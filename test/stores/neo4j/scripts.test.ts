import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BRING_BACK, LOAD, PUT_AWAY, SEE, SET_ASIDE } from '../../../stores/neo4j/scripts.ts'
import { assert, describe, failure } from '../../describe.ts'
import { program, tempDir } from '../../fakes.ts'

/** What neo4j-admin does to the files: makes both folders, or fails where one stands already. */
const ADMIN = `[ ! -e "$DATA/databases/$3" ] || { echo "Load failed for databases: '$3'" >&2; exit 1; }
mkdir -p "$DATA/databases/$3" "$DATA/transactions/$3"; echo loaded > "$DATA/databases/$3/store"
[ -z "$DIE" ] || exit 1`

describe('the scripts in the volume of Neo4j', suite => {
  const dir = tempDir(suite)
  const bin = join(dir, 'bin')
  mkdirSync(bin)
  program(bin, 'neo4j-admin', ADMIN)

  /** A volume with a damaged store, and the scripts on it. */
  function volume() {
    const data = mkdtempSync(join(dir, 'data-'))
    for (const kind of ['databases', 'transactions'])
      mkdirSync(join(data, kind, 'neo4j'), { recursive: true })
    const store = join(data, 'databases/neo4j/store')
    writeFileSync(store, 'damaged\n')
    const places = [join(data, 'quarantine-1'), join(data, 'failed-1'), 'neo4j']
    const env = { PATH: `${bin}:${process.env.PATH}`, DATA: data, DIE: '' }
    const run = (script: string, more = {}) =>
      execFileSync('sh', ['-c', script.replaceAll(/\/data\b/g, data), 'script', ...places], {
        env: { ...env, ...more },
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      })
    const inside = (path: string) => existsSync(join(data, path))
    return { data, run, store: () => readFileSync(store, 'utf8').trim(), inside }
  }

  suite.test('set aside, load, put away, bring back: as it was before', () => {
    const { run, store, inside } = volume()
    run(SET_ASIDE)
    assert.not(inside('databases/neo4j'))
    assert.ok(inside('quarantine-1/transactions/neo4j'))
    run(LOAD)
    assert.is(store(), 'loaded')
    assert.is(run(SEE), 'moved\nloaded\nquarantine\nthere neo4j\n')
    run(PUT_AWAY)
    run(BRING_BACK)
    assert.is(store(), 'damaged')
    assert.is(run(SEE), 'there neo4j\n')
    assert.ok(inside('failed-1/1/databases/neo4j'), 'what was loaded is kept, too')
  })
  suite.test('files that are gone are passed over', () => {
    const { run, data } = volume()
    execFileSync('rm', ['-r', join(data, 'databases'), join(data, 'transactions')])
    run(SET_ASIDE)
    assert.is(run(SEE), 'moved\nquarantine\n')
    run(BRING_BACK)
    assert.is(run(SEE), '')
  })
  suite.test('half a load leaves no mark and is put away beside an earlier one', async () => {
    const { run, inside } = volume()
    run(SET_ASIDE)
    for (const n of [1, 2]) {
      await failure(() => run(LOAD, { DIE: 'yes' }))
      assert.is(run(SEE), 'moved\nquarantine\nthere neo4j\n')
      run(PUT_AWAY)
      assert.ok(inside(`failed-1/${n}/databases/neo4j`))
    }
    run(BRING_BACK)
  })
  suite.test('nothing that stands in the way is overwritten', async () => {
    const { run, store } = volume()
    run(SET_ASIDE)
    run(LOAD)
    assert.match((await failure(() => run(BRING_BACK))).message, /is in the way/)
    assert.is(store(), 'loaded')
    assert.match((await failure(() => run(SET_ASIDE))).message, /is in the way/)
  })
  suite.test('a load is refused where a store stands', async () => {
    const { run, store } = volume()
    run(SET_ASIDE)
    run(LOAD)
    await failure(() => run(LOAD))
    assert.is(store(), 'loaded')
  })
})
