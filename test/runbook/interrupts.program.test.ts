import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { assert, describe } from '../describe.ts'
import { tempDir } from '../fakes.ts'
import { eventually } from '../poll.ts'
import { KEY, openTerminal } from '../pty.ts'

const ROOT = join(import.meta.dirname, '..', '..')
// Without npx, which takes a second to find it.
const TSX = join(ROOT, 'node_modules/tsx/dist/cli.mjs')
const PROGRAM = join(ROOT, 'test/fixtures/interrupted-run.ts')
const LIMIT = { seconds: 60 }

describe('interrupts', suite => {
  const dir = tempDir(suite)
  let runs = 0

  /** Where one run says what happens, and the file whose coming ends its work. */
  function place(): {
    program: string[]
    said: () => string
    finish: () => void
    pid: (who: string) => number
  } {
    const at = join(dir, String(++runs))
    const said = () => (existsSync(`${at}/said`) ? readFileSync(`${at}/said`, 'utf8') : '')
    mkdirSync(at)
    return {
      program: [PROGRAM, at],
      said,
      finish: () => writeFileSync(`${at}/end`, ''),
      pid: who => Number(new RegExp(`${who} (\\d+)`).exec(said())?.[1]),
    }
  }

  suite.test(
    'a Ctrl-C that a busy program sees late lets its work finish: tsx kills nothing',
    async () => {
      const { program, said, finish } = place()
      const terminal = openTerminal([process.execPath, TSX, ...program], { cwd: ROOT })
      await eventually(() => said().includes('begun'))
      terminal.type(KEY.ctrlC)
      // Under load tsx may kill the process in between: the one that works goes on all the same.
      await eventually(() => said().includes('stopping'))
      assert.not.match(said(), 'finished')
      finish()
      await eventually(() => said().includes('finished'))
      assert.is(await terminal.ended(), 130)
      assert.match(said(), /stopping[^\n]*\nfinished\n$/)
    },
    LIMIT,
  )

  suite.test(
    'the second Ctrl-C kills what is in flight',
    async () => {
      const { program, said } = place()
      // Nothing above it that could end the terminal first.
      const terminal = openTerminal([process.execPath, '--import', 'tsx', ...program], { cwd: ROOT })
      await eventually(() => said().includes('begun'))
      terminal.type(KEY.ctrlC)
      await terminal.sees('stopping after')
      terminal.type(KEY.ctrlC)
      await terminal.sees('killing the command in flight')
      assert.is(await terminal.ended(), 130)
      assert.match(said(), /SIGINT again: killing[^\n]*\nfinished\n$/)
    },
    LIMIT,
  )

  suite.test(
    'a closed terminal ends no work',
    async () => {
      const { program, said, finish } = place()
      const terminal = openTerminal([process.execPath, TSX, ...program], { cwd: ROOT })
      await eventually(() => said().includes('begun'))
      terminal.close()
      await eventually(() => said().includes('SIGHUP'))
      finish()
      await eventually(() => said().includes('finished'))
      assert.not.match(said(), 'stopping')
    },
    LIMIT,
  )

  /** Without a terminal, as under cron or a service manager; in a process group of its own. */
  function unattended(program: readonly string[]): { child: ChildProcess; ended: Promise<number | null> } {
    const argv = ['--import', 'tsx', ...program]
    const child = spawn(process.execPath, argv, { cwd: ROOT, stdio: 'ignore', detached: true })
    return { child, ended: new Promise(ended => child.on('close', ended)) }
  }

  suite.test(
    'SIGTERM to the whole group is one, however often it comes',
    async () => {
      const { program, said, finish } = place()
      const { child, ended } = unattended(program)
      await eventually(() => said().includes('begun'))
      process.kill(-child.pid!, 'SIGTERM')
      await eventually(() => said().includes('SIGTERM: stopping'))
      process.kill(-child.pid!, 'SIGTERM')
      finish()
      assert.is(await ended, 130)
      assert.not.match(said(), 'killing')
    },
    LIMIT,
  )

  suite.test(
    'without a terminal SIGINT is passed on, and the second one kills',
    async () => {
      const { program, said } = place()
      const { child, ended } = unattended(program)
      await eventually(() => said().includes('begun'))
      process.kill(-child.pid!, 'SIGINT')
      await eventually(() => said().includes('SIGINT: stopping'))
      assert.not.match(said(), 'killing', 'a signal to the group is one')
      process.kill(-child.pid!, 'SIGINT')
      assert.is(await ended, 130)
      assert.match(said(), 'SIGINT again: killing')
    },
    LIMIT,
  )

  suite.test(
    'kill -9 of the process above is the first Ctrl-C',
    async () => {
      const { program, said, finish, pid } = place()
      const { ended } = unattended(program)
      await eventually(() => said().includes('begun'))
      process.kill(pid('above'), 'SIGKILL')
      await eventually(() => said().includes('the process above was killed: stopping'))
      finish()
      await ended
      await eventually(() => said().includes('finished'))
    },
    LIMIT,
  )

  suite.test(
    'kill -9 of the program is told as 137',
    async () => {
      const { program, said, pid } = place()
      const { ended } = unattended(program)
      await eventually(() => said().includes('begun'))
      process.kill(pid('begun'), 'SIGKILL')
      assert.is(await ended, 137)
    },
    LIMIT,
  )
})
