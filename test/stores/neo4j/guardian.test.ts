import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Target } from '../../../lib/target.ts'
import { guard } from '../../../stores/neo4j/guardian.ts'
import { assert, describe } from '../../describe.ts'
import { program, tempDir } from '../../fakes.ts'
import { eventually } from '../../poll.ts'

describe('the guardian', suite => {
  const dir = tempDir(suite)
  let made = 0

  /** A guardian over a process of its own, and what it starts in place of Neo4j. */
  function guarded() {
    const [file, mark] = [join(dir, `guardian-${++made}`), join(dir, `started-${made}`)]
    const start = program(dir, `start-${made}`, `echo "$@" > ${mark}`)
    const runtime = { start: (services: string[]) => ({ argv: [start, ...services], env: {} }) }
    const victim = spawn('tail', ['-f', '/dev/null'], { stdio: 'ignore' })
    guard({ runtime, root: dir } as unknown as Target, 'neo4j', file, `${victim.pid}`)
    const gone = () => eventually(() => !watchers(file))
    return { file, mark, victim, gone }
  }

  suite.test('starts Neo4j when the process it watches is killed', async () => {
    const { mark, victim, gone } = guarded()
    victim.kill('SIGKILL')
    await eventually(() => existsSync(mark) && readFileSync(mark, 'utf8') === 'neo4j\n')
    await gone()
  })
  suite.test('starts it when the folder of the run has gone', async () => {
    const { file, mark, victim, gone } = guarded()
    rmSync(file)
    await eventually(() => existsSync(mark))
    victim.kill()
    await gone()
  })
  suite.test('goes without a word when it is dismissed, though the process lives on', async () => {
    const { file, mark, victim, gone } = guarded()
    writeFileSync(file, 'dismissed\n')
    await gone()
    victim.kill()
    assert.not(existsSync(mark))
  })
})

/** Whether a process with this file among its arguments is alive. */
function watchers(file: string): boolean {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .some(pid => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(file)
      } catch {
        return false
      }
    })
}
