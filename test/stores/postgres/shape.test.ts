import { command } from '../../../lib/command.ts'
import { exec } from '../../../lib/exec.ts'
import type { Target } from '../../../lib/target.ts'
import { criticalColumns, shapeIn, shapeOf } from '../../../stores/postgres/shape.ts'
import { assert, describe, failure } from '../../describe.ts'
import { program, tempDir } from '../../fakes.ts'
import { said, store } from './samples.ts'

const critical = { tables: { chunks: { rows: 1, not_null: ["te'xt", 'id'] }, documents: { rows: 1 } } }

describe('the shape of a database', suite => {
  const dir = tempDir(suite)
  const ask = (script: string) => {
    const psql = program(dir, 'psql', script)
    const runtime = { exec: (_: string, __: unknown, rest: object) => command([psql], rest) }
    return exec(shapeOf({ runtime } as unknown as Target, { ...store, critical }), { cwd: dir })
  }

  suite.test('is one line per table, foreign key and critical column; anything else is passed over', () => {
    const lines = [
      '{"table" : "public.chunks", "rows" : 3}',
      '{"key" : "public.chunks fk", "validated" : false}',
      '{"column" : "chunks.text", "nulls" : 2}',
      '{"column" : "chunks.gone", "nulls" : null}',
      'SET',
    ]
    assert.equal(shapeIn(said(lines.join('\n'))), {
      tables: { 'public.chunks': 3 },
      foreignKeys: [{ name: 'public.chunks fk', validated: false }],
      nulls: [
        { column: 'chunks.text', rows: 2 },
        { column: 'chunks.gone', rows: null },
      ],
    })
  })
  suite.test('asks for the critical columns, quoted', async () => {
    assert.equal(criticalColumns(critical), [
      ['chunks', "te'xt"],
      ['chunks', 'id'],
    ])
    const { stdout } = await ask(
      `grep -c "('chunks', 'te''xt'), ('chunks', 'id')" > '${dir}/asked'; echo '{"table":"public.a","rows":1}'`,
    )
    assert.equal(JSON.parse(stdout).tables, { 'public.a': 1 })
    assert.is((await exec(command(['cat', 'asked']), { cwd: dir })).stdout.trim(), '1')
  })
  suite.test('is none when the script was stopped half-way', async () => {
    const stopped = `cat > /dev/null; echo '{"table":"public.a","rows":1}'; echo 'ERROR:  lock timeout' >&2; exit 3`
    assert.match((await failure(() => ask(stopped))).message, /exit code 3|psql/)
  })
})
