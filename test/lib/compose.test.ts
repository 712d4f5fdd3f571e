import type { Output } from '../../lib/command.ts'
import { compose, unknownServices } from '../../lib/compose.ts'
import { exec } from '../../lib/exec.ts'
import { EXIT, type Problem } from '../../lib/problem.ts'
import { isUp, stateOf } from '../../lib/runtime.ts'
import { Secret } from '../../lib/secret.ts'
import { assert, describe, failure } from '../describe.ts'
import { onPath, program, tempDir } from '../fakes.ts'

const runtime = compose({ context: 'default', project: 'p', files: ['a.yaml', 'b.yaml'] })
const output = (stdout: string): Output => ({ stdout, stderr: '', exitCode: 0, durationMs: 0 })

const QDRANT = { Service: 'qdrant', Name: 'p-qdrant-1', State: 'running', Health: 'healthy', ExitCode: 0 }
const NEO4J = { Service: 'neo4j', Name: 'p-neo4j-1', State: 'exited', Health: '', ExitCode: 137 }

describe('what compose answers', suite => {
  const expected = [
    { service: 'qdrant', container: 'p-qdrant-1', state: 'running', health: 'healthy', exitCode: 0 },
    { service: 'neo4j', container: 'p-neo4j-1', state: 'exited', health: '', exitCode: 137 },
  ]
  suite.test('states: one object a line', () => {
    const lines = `${JSON.stringify(QDRANT)}\n${JSON.stringify(NEO4J)}\n`
    assert.equal(runtime.readStates(output(lines)), expected)
  })
  suite.test('states: one array, as before Compose 2.21', () => {
    assert.equal(runtime.readStates(output(JSON.stringify([QDRANT, NEO4J]))), expected)
  })
  suite.test('states: what a one-off left behind is not its service', () => {
    const labels =
      'com.docker.compose.service=neo4j,com.docker.compose.oneoff=True,com.docker.compose.version=2.26.1'
    const leftover = { ...NEO4J, Name: 'p-neo4j-load-1', ExitCode: 255, Labels: labels }
    const service = { ...NEO4J, Labels: labels.replace('oneoff=True', 'oneoff=False') }
    const lines = [QDRANT, leftover, service].map(each => JSON.stringify(each)).join('\n')
    assert.equal(runtime.readStates(output(lines)), expected)
  })
  suite.test('states: nothing is no container', () => assert.equal(runtime.readStates(output('\n')), []))
  suite.test('a service without container is missing, and only healthy ones are up', () => {
    const states = runtime.readStates(output(JSON.stringify([QDRANT, NEO4J])))
    assert.ok(isUp(stateOf(states, 'qdrant')))
    assert.not.ok(isUp(stateOf(states, 'neo4j')))
    assert.is(stateOf(states, 'postgres').state, 'missing')
    assert.not.ok(isUp(stateOf(states, 'postgres')))
    assert.not.ok(isUp({ ...states[0]!, health: 'starting' }))
  })
  suite.test('the last start of a container: by somebody, by the daemon, or never', () => {
    const read = (stdout: string, exitCode = 0) => runtime.readLastStart({ ...output(stdout), exitCode })
    const at = '2026-11-30T03:51:38.774768577Z'
    assert.equal(read(`${at} 0\n`), { at, again: false })
    assert.equal(read(`${at} 5\n`), { at, again: true })
    assert.is(read('0001-01-01T00:00:00Z 0\n'), undefined)
    assert.is(read('\n', 1), undefined)
  })
  suite.test('layout: services and the real names of volumes', () => {
    const volumes = [
      { type: 'volume', source: 'data', target: '/data' },
      { type: 'bind', source: '/etc', target: '/etc' },
      { type: 'bind', source: '/a.conf', target: '/b.conf', read_only: true },
    ]
    const config = {
      services: { b: { image: 'b:1', ports: [{ published: '6333' }, {}] }, a: { volumes } },
      volumes: { data: { name: 'p_data' } },
    }
    const layout = runtime.readLayout(output(JSON.stringify(config)))
    const mounts = { a: [{ volume: 'p_data', at: '/data' }], b: [] }
    const file = { volume: '/a.conf', at: '/b.conf', readOnly: true }
    const binds = { a: [{ volume: '/etc', at: '/etc' }, file], b: [] }
    const images = { a: '', b: 'b:1' }
    const ports = ['6333']
    assert.equal(layout, { services: ['a', 'b'], volumes: ['p_data'], mounts, binds, images, ports })
    assert.is(unknownServices(layout, ['a', 'b']), undefined)
    const problem = unknownServices(layout, ['a', 'c', 'd'])
    assert.match(problem?.message ?? '', 'no service c, d')
    assert.match(problem?.hint ?? '', 'it has a, b')
    assert.is(problem?.exitCode, EXIT.badInput)
  })
})

describe('docker commands', suite => {
  suite.test('project and files travel in the environment, another context too', () => {
    assert.equal(runtime.states().env, { COMPOSE_PROJECT_NAME: 'p', COMPOSE_FILE: 'a.yaml:b.yaml' })
    const remote = compose({ context: 'far', project: 'p', files: ['a.yaml'] })
    assert.is(remote.states().env?.DOCKER_CONTEXT, 'far')
  })
  suite.test('dead services are listed too', () => assert.ok(runtime.states().argv.includes('-a')))
  suite.test('a start never re-creates, builds or fetches anything', () => {
    const { argv } = runtime.start(['a', 'b'])
    for (const word of ['--no-recreate', '--no-deps', '--no-build', 'never']) assert.ok(argv.includes(word))
    for (const word of ['-y', '--yes', '--force-recreate']) assert.not.ok(argv.includes(word))
    assert.equal(argv.slice(-2), ['a', 'b'])
  })
  suite.test('a stop or a start of nothing is refused: Docker would take every service', async () => {
    for (const none of [[], ['']]) {
      assert.match((await failure(() => runtime.stop(none, 10))).message, 'no service to stop was named')
      assert.match((await failure(() => runtime.start(none))).message, 'no service to start was named')
    }
    assert.equal(runtime.stop(['a'], 10).argv, ['docker', 'compose', 'stop', '-t', '10', 'a'])
  })
  suite.test('a secret goes into the container by name', () => {
    const password = new Secret('COMPOSE_PASSWORD', 'compose-password-value')
    const inside = { env: { PGPASSWORD: password }, limits: { total: 9 } }
    const { argv } = runtime.exec('postgres', ['psql', '-c', 'select 1'], inside)
    assert.not.match(argv.join(' '), 'compose-password-value')
    assert.ok(argv.join(' ').includes('-e PGPASSWORD'))
    assert.ok(argv.join(' ').includes('exec -T'))
  })
  suite.test('a limit holds inside the container too, and outside a little longer', () => {
    const limited = runtime.exec('postgres', ['psql'], { limits: { total: 9 } })
    assert.equal(limited.argv.slice(-5), ['timeout', '-k', '15', '9', 'psql'])
    assert.ok(limited.limits!.total > 9)
  })
  suite.test('a one-off container may have more volumes and read a file', () => {
    const mounts = [{ volume: 'staging', at: '/staging', readOnly: true as const }]
    const { argv, stdin } = runtime.oneOff('neo4j', 'p-load', ['cat'], { mounts, stdin: { file: 'a.dump' } })
    assert.ok(argv.join(' ').includes('-v staging:/staging:ro --entrypoint cat neo4j'))
    assert.equal(stdin, { file: 'a.dump' })
  })
  suite.test('a container of a trial is on no network, and has image and limit of the one it is like', () => {
    const like = runtime.readLikeness(output('sha256:abc 1073741824\n'))
    assert.equal(like, { image: 'sha256:abc', memory: 1_073_741_824 })
    const mounts = [{ volume: 'scratch', at: '/data' }]
    const limits = { total: 9 }
    const once = runtime.apart(like, 'p-check', ['ls', '/data'], { mounts }).argv.join(' ')
    const served = runtime.serveApart(like, 'p-apart', ['server'], { env: {}, limits }).argv.join(' ')
    for (const said of [once, served])
      assert.match(said, /--network none --hostname localhost --pull never --memory 1073741824 /)
    assert.match(
      once,
      /^docker run --rm -i --name p-check .* -v scratch:\/data --entrypoint ls sha256:abc \/data$/,
    )
    assert.match(served, /^docker run --rm -d --name p-apart .* --entrypoint timeout sha256:abc 9 server$/)
    const unlimited = runtime.apart({ image: 'i', memory: 0 }, 'n', ['ls']).argv
    assert.not.ok(unlimited.includes('--memory'))
  })
  suite.test('a one-off container is removed when its client is killed', () => {
    const { argv, cleanup } = runtime.oneOff('qdrant', 'p-df', ['df', '-Pk'])
    assert.ok(argv.includes('--rm') && argv.includes('--no-deps'))
    assert.equal(cleanup?.argv, ['docker', 'rm', '-f', 'p-df'])
  })
})

describe('what docker complains about', suite => {
  const cwd = tempDir(suite)
  onPath(suite, cwd)

  const told = (title: string, stderr: string, message: RegExp, hint: RegExp) =>
    suite.test(title, async () => {
      program(cwd, 'docker', `cat >&2 <<'END'\n${stderr}\nEND\nexit 1`)
      const error = (await failure(() => exec(runtime.states(), { cwd }))) as Problem
      assert.match(error.message, message)
      assert.match(error.hint ?? '', hint)
    })

  told(
    'this user is not permitted',
    'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.24/containers/json": dial unix /var/run/docker.sock: connect: permission denied',
    /may not talk to Docker/,
    /group "docker"/,
  )
  told(
    'the daemon is away',
    'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    /daemon does not answer/,
    /is it running\?/,
  )
  told(
    'compose is not installed',
    "docker: 'compose' is not a docker command.\nSee 'docker --help'",
    /no Compose v2/,
    /docker-compose-plugin/,
  )
  told('a service is unknown', 'no such service: qdrnt', /no such service/, /runbook.config.yaml/)
  told(
    'a context is unknown',
    'Failed to initialize: unable to resolve docker endpoint: context "far": context not found: open contexts/meta/x/meta.json: no such file or directory',
    /no such Docker context/,
    /docker context ls/,
  )
  suite.test('docker is not installed', async () => {
    const command = { ...runtime.states(), env: { PATH: cwd } }
    program(cwd, 'docker', '').length
    const error = (await failure(() => exec({ ...command, env: { PATH: '/nowhere' } }, { cwd }))) as Problem
    assert.match(error.message, 'docker is not installed or not on the PATH')
  })
  suite.test('a program that was killed in its container is named', async () => {
    program(cwd, 'docker', 'exit 137')
    for (const command of [
      runtime.exec('postgres', ['pg_dump']),
      runtime.oneOff('neo4j', 'n', ['pg_dump']),
    ]) {
      const error = (await failure(() => exec(command, { cwd }))) as Problem
      assert.is(error.message, 'pg_dump was killed in its container')
      assert.match(error.hint ?? '', /memory/)
    }
  })
  suite.test('something else keeps its own words', async () => {
    program(cwd, 'docker', 'echo "a new kind of trouble" >&2; exit 1')
    const error = (await failure(() => exec(runtime.states(), { cwd }))) as Problem
    assert.match(error.message, 'docker compose ps ended with exit code 1')
    assert.equal(error.tail, ['a new kind of trouble'])
  })
})
