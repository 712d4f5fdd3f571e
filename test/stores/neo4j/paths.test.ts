import { join } from 'node:path'
import { command } from '../../../lib/command.ts'
import { exec } from '../../../lib/exec.ts'
import type { Target } from '../../../lib/target.ts'
import { pathQuery, readPaths, type Walk, walkPaths } from '../../../stores/neo4j/paths.ts'
import { assert, describe } from '../../describe.ts'
import { program, tempDir } from '../../fakes.ts'
import { STORE } from './samples.ts'

describe('paths that are walked as a sample', suite => {
  const dir = tempDir(suite)
  /** A runtime whose container is this machine. */
  const walk = async (script: string) => {
    const shell = program(dir, 'cypher', script)
    const runtime = { exec: (_: string, __: unknown, rest: object) => command([shell], rest) }
    const types = { CITES: 3, 'odd "`type': 1 }
    const store = { ...STORE, password: 'x' } as unknown as Parameters<typeof walkPaths>[1]
    const output = await exec(walkPaths({ runtime } as unknown as Target, store, types), { cwd: join(dir) })
    return JSON.parse(output.stdout) as Walk
  }

  suite.test('are asked for by type, whatever is in its name', () => {
    const query = pathQuery(['odd "`type'])
    assert.match(query, '(a)-[r:`odd "``type`]->(b)')
    assert.match(query, '"odd \\"`type", count(*)')
    assert.match(query, 'RETURN "end"')
  })
  suite.test('are read with those that lead from end to end; a type without any is left out', () => {
    const said =
      '"head", "CITES", count(*), sum(…)\n"path", "CITES", 5, 4\n"head"\n"path", "GONE", 0, 0\n"head"\n"end"\n'
    assert.equal(readPaths(said), [{ type: 'CITES', walked: 5, whole: 4 }])
  })
  suite.test('a server that lets nobody in is an answer, not an error', async () => {
    const found = await walk(`cat > '${dir}/asked'; echo '"path", "CITES", 5, 5'; echo '"end"'`)
    assert.equal(found, { refused: '', paths: [{ type: 'CITES', walked: 5, whole: 5 }] })
    const refused = await walk('cat > /dev/null; echo "Connection refused" >&2; exit 1')
    assert.equal(refused, { refused: 'Connection refused', paths: [] })
  })
})
