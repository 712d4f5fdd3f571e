import { spawn } from 'node:child_process'
import { copyFileSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { EXIT } from '../../lib/problem.ts'
import { assert, describe } from '../describe.ts'
import { program, tempDir } from '../fakes.ts'

interface Ran {
  exitCode: number | null
  stdout: string
  stderr: string
}

const SECRETS = {
  MINIO_ACCESS_KEY: 'programs-access',
  MINIO_SECRET_KEY: 'programs-secret',
  NEO4J_PASSWORD: 'programs-neo4j',
  POSTGRES_PASSWORD: 'programs-postgres',
}

describe('programs given bad input or bad luck', suite => {
  const cwd = tempDir(suite)
  const bin = tempDir(suite)
  copyFileSync('runbook.config.yaml', join(cwd, 'runbook.config.yaml'))

  /** A program of the repository in an empty directory, with these fakes in front on the PATH. */
  const run = (file: string, args: string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> => {
    const tsx = resolve('node_modules/tsx/dist/loader.mjs')
    const child = spawn(process.execPath, ['--import', tsx, resolve(file), ...args], {
      cwd,
      env: { ...process.env, ...SECRETS, PATH: `${bin}:${process.env.PATH}`, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', chunk => {
      stdout += chunk
    })
    child.stderr.on('data', chunk => {
      stderr += chunk
    })
    return new Promise(ended => child.on('close', exitCode => ended({ exitCode, stdout, stderr })))
  }
  const before = readdirSync(cwd)

  /** All are started at once: each spends most of its time loading. */
  const running = new Map<string, Promise<Ran>>()

  const refused = (title: string, exitCode: number, told: RegExp, go: () => Promise<Ran>) => {
    suite.before(() => void running.set(title, go()))
    suite.test(`${title}: exit ${exitCode}, one error, one HINT, nothing left behind`, async () => {
      const ran = await running.get(title)!
      assert.match(ran.stdout + ran.stderr, told)
      assert.is(ran.exitCode, exitCode)
      assert.is((ran.stdout + ran.stderr).match(/HINT:/g)?.length, 1)
      assert.not.match(ran.stdout + ran.stderr, /programs-(access|secret|neo4j|postgres)|^\s+at .*\.ts:\d/m)
      assert.equal(readdirSync(cwd), before)
    })
  }

  const SCENARIO = 'scenarios/qdrant-corruption.ts'
  refused('an unknown option', EXIT.badInput, /--colour/, () => run(SCENARIO, ['--colour']))
  refused('a configuration that is not there', EXIT.badInput, /cannot read the configuration/, () =>
    run(SCENARIO, ['--plan', '--config', 'none.yaml']),
  )
  refused('passwords that are not set', EXIT.badInput, /names the variable NEO4J_PASSWORD/, () =>
    run('tools/restore-backup.ts', ['--list'], { NEO4J_PASSWORD: '' }),
  )
  refused('an evil type of store', EXIT.badInput, /there is no store of type "; rm -rf/, () =>
    run('tools/restore-backup.ts', ['--list', '--type', '; rm -rf /']),
  )
  refused('a trouble that is not known', EXIT.badInput, /there is no problem "gremlins"/, () =>
    run('tools/diagnose.ts', ['gremlins']),
  )
  refused('a sample that is none', EXIT.badInput, /--sample "2\/3" is no sample/, () =>
    run('tools/repair.ts', ['--sample', '2/3']),
  )
  refused('a word that the trends do not know', EXIT.badInput, /"x" is one word too many/, () =>
    run('tools/trends.ts', ['x']),
  )
  refused('a place that is kept for ever', EXIT.badInput, /"0" is no number of minutes/, () =>
    run('tools/handover.ts', ['--minutes', '0']),
  )
  refused('a replay of nothing', EXIT.badInput, /there is no incident \.\.\/nowhere/, () =>
    run('tools/replay.ts', ['../nowhere']),
  )
  refused('half a transfer', EXIT.badInput, /none of its forms/, () =>
    run('tools/objects.ts', ['get', 'key']),
  )
  refused('a bucket that is away', EXIT.commandFailed, /MinIO does not answer at http:\/\/127.0.0.1:1/, () =>
    run('tools/objects.ts', ['list'], { PUBLISH_MINIO: '1' }),
  )
  refused(
    'answers that nobody is there to give',
    EXIT.badInput,
    /--set backup=…[\s\S]*--confirm <phrase>/,
    () => run(SCENARIO, []),
  )
  program(bin, 'docker', 'echo "Cannot connect to the Docker daemon at unix:///x" >&2; exit 1')
  refused('a Docker that is away', EXIT.commandFailed, /the Docker daemon does not answer/, () =>
    run(SCENARIO, ['--set', 'backup=latest', '--confirm', 'x']),
  )
  refused('a Docker that is away from a follower', EXIT.commandFailed, /Docker daemon does not answer/, () =>
    run('tools/follow.ts', []),
  )
})
