import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { exec } from '../../../lib/exec.ts'
import { allButPresent } from '../../../stores/postgres/roles.ts'
import { globals } from '../../../stores/postgres/verify.ts'
import { assert, describe } from '../../describe.ts'
import { tempDir } from '../../fakes.ts'
import { candidate, run, store } from './samples.ts'

/** As pg_dumpall writes it. */
const GLOBALS = `SET standard_conforming_strings = on;
CREATE ROLE ai_user;
ALTER ROLE ai_user WITH SUPERUSER LOGIN PASSWORD 'of another day';
CREATE ROLE desk;
ALTER ROLE desk WITH NOLOGIN;
CREATE ROLE "odd desk";
ALTER ROLE "odd desk" WITH LOGIN;
CREATE ROLE desk_of_readers;
ALTER ROLE desk_of_readers WITH LOGIN;
GRANT desk TO "odd desk" WITH INHERIT TRUE GRANTED BY ai_user;
`

describe('the roles of a cluster that is made anew', suite => {
  const dir = tempDir(suite)

  suite.test('are all but those that the image and its scripts have made already', async () => {
    const facts = { store, run, candidate, present: ['ai_user', 'desk', 'odd desk'] }
    const f = facts as unknown as Parameters<typeof allButPresent>[0]
    const file = join(dir, globals(f))
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, GLOBALS)
    const pick = allButPresent(f)
    await exec(pick, { cwd: dir })
    assert.equal(readFileSync(join(dir, pick.stdout!), 'utf8').trim().split('\n'), [
      'SET standard_conforming_strings = on;',
      'CREATE ROLE desk_of_readers;',
      'ALTER ROLE desk_of_readers WITH LOGIN;',
      'GRANT desk TO "odd desk" WITH INHERIT TRUE GRANTED BY ai_user;',
    ])
  })
})
