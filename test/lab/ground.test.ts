import { states } from '../../lab/ground.ts'
import { labTarget } from '../../lab/target.ts'
import type { Problem } from '../../lib/problem.ts'
import { assert, describe } from '../describe.ts'
import { onPath, program, tempDir } from '../fakes.ts'

/** As `docker ps` of version 20.10 and of later ones prints them. */
const LINES = String.raw`qdrant\trunning\tUp 3 seconds (health: starting)\tqdrant:1
neo4j\trunning\tUp About a minute (healthy)\tneo4j:5
postgres\trunning\tUp 2 hours (unhealthy)\tpostgres:17
gateway\trunning\tUp 2 hours\tplatform:1
minio\trestarting\tRestarting (64) 3 seconds ago\tminio:1
api-server\texited\tExited (137) 2 weeks ago\tplatform:1
exporter\tcreated\tCreated\tservice:1
`

describe('states of a practice ground', suite => {
  const dir = tempDir(suite)
  onPath(suite, dir)
  const target = () => ({ ...labTarget({ COMPOSE_PROJECT_NAME: 'p' }), root: dir })
  /** Answers only who asks for this project and for no one-offs. */
  const answer = (lines: string) =>
    program(
      dir,
      'docker',
      `case "$*" in *project=p*oneoff=False*) printf '${lines}' ;; *) echo "asked: $*" >&2; exit 1 ;; esac`,
    )

  suite.test('state, health and exit code of each service', async () => {
    answer(LINES)
    const seen = (await states(target())).map(each => [each.service, each.state, each.health, each.exitCode])
    assert.equal(seen, [
      ['qdrant', 'running', 'starting', 0],
      ['neo4j', 'running', 'healthy', 0],
      ['postgres', 'running', 'unhealthy', 0],
      ['gateway', 'running', '', 0],
      ['minio', 'restarting', '', 64],
      ['api-server', 'exited', '', 137],
      ['exporter', 'created', '', 0],
    ])
    assert.is((await states(target()))[0]?.image, 'qdrant:1')
  })

  suite.test('nothing is no service', async () => {
    answer('')
    assert.equal(await states(target()), [])
  })

  suite.test('a daemon that refuses is told, not taken for an empty ground', async () => {
    program(dir, 'docker', 'echo "Cannot connect to the Docker daemon" >&2; exit 1')
    const error = await states(target()).then(
      () => undefined,
      (problem: Problem) => problem,
    )
    assert.match(error?.tail.join() ?? '', 'Cannot connect')
  })
})
