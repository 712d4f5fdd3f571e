import { spawn } from 'node:child_process'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RECORDINGS } from '../../lab/recordings.ts'
import { OUTPUTS } from '../../runbook/recording.ts'
import { assert, describe } from '../describe.ts'
import { tempDir } from '../fakes.ts'

const KEPT = join(RECORDINGS, 'qdrant-corruption')

function run(...args: string[]): Promise<{ exitCode: number | null; stdout: string; stderr: string }> {
  const argv = ['--import', 'tsx', 'tools/replay.ts', ...args]
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', chunk => {
    stdout += chunk
  })
  child.stderr.on('data', chunk => {
    stderr += chunk
  })
  return new Promise(ended => child.on('close', exitCode => ended({ exitCode, stdout, stderr })))
}

describe('tools/replay.ts', suite => {
  const dir = tempDir(suite)
  suite.before(() => {
    cpSync(KEPT, dir, { recursive: true })
    const file = join(dir, OUTPUTS)
    // As if the first command had been another one then.
    writeFileSync(file, readFileSync(file, 'utf8').replace('"command":"', '"command":"sudo '))
  })

  suite.test('says in one line that nothing differs, with exit code 0', async () => {
    const { exitCode, stdout, stderr } = await run(KEPT)
    assert.is(exitCode, 0, stdout + stderr)
    assert.match(stdout, /^✔ \d{8}_\d{6}-qdrant-corruption .*: the steps of today decide as they did then\n$/)
  })

  suite.test(
    'says what a command was and is, with exit code 2; a journal is as good as its folder',
    async () => {
      const { exitCode, stdout } = await run(join(dir, 'journal.jsonl'))
      assert.is(exitCode, 2)
      assert.match(stdout, /1 difference\n.*: another command .*\n +was: sudo (.*)\n +is: +\1\n/)
    },
  )

  suite.test('gives the same as JSON', async () => {
    const { exitCode, stdout } = await run(dir, '--json')
    assert.is(exitCode, 2)
    const { scenario, differences } = JSON.parse(stdout)
    assert.is(scenario, 'qdrant-corruption')
    assert.equal(
      differences.map(({ kind }: { kind: string }) => kind),
      ['command'],
    )
  })
})
