import { compose } from '../../lib/compose.ts'
import { databasesOf } from '../../tools/init/databases.ts'
import { assert, describe } from '../describe.ts'
import { onPath, program, tempDir } from '../fakes.ts'

describe('the databases of a running project', suite => {
  const dir = tempDir(suite)
  // Only the first server answers.
  program(
    dir,
    'docker',
    `case "$*" in *' rows '*'pg_database'*) printf 'letters\\nreaders\\n' ;; *) exit 1 ;; esac`,
  )
  onPath(suite, dir)

  suite.test(
    'are asked of every PostgreSQL; one that does not answer is left as the file has it',
    async () => {
      const runtime = compose({ context: 'default', project: 'p', files: ['a.yaml'] })
      const services = {
        rows: { image: 'postgres:17' },
        other: { image: 'postgres:17' },
        web: { image: 'web' },
      }
      assert.equal(await databasesOf(runtime, { services }, dir), { rows: ['letters', 'readers'], other: [] })
    },
  )
})
