import { execFileSync } from 'node:child_process'
import { constants, existsSync, mkdtempSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { program } from '../../fakes.ts'
import { eventually } from '../../poll.ts'

/** What happens to the first call of a program whose arguments match. */
export type Manner =
  /** It waits before it does anything. */
  | 'before'
  /** It does its work and waits before it ends: nobody can know yet that it was done. */
  | 'after'
  /** It fails, the first `times` times. */
  | 'fail'

/** A gate in the way of one command of a run, so that a test need not hit a moment: it makes it. */
export interface Gate {
  /** Variables for the run. */
  env: { PATH: string }
  /** Waits until a command stands at the gate. */
  reached(): Promise<void>
  /** Lets it, and all that follow, go on. */
  open(): void
  /** kill -9 of what stands there, as a crash of the whole machine would. */
  kill(): void
}

/**
 * Puts a program of this name in front of PATH: calls whose arguments match the shell pattern are held; all
 * others, and all after the gate was opened, are the real thing.
 */
export function gate(name: string, pattern: string, manner: Manner, times = 1): Gate {
  const dir = mkdtempSync(join(tmpdir(), 'gate-'))
  const real = execFileSync('which', [name], { encoding: 'utf8' }).trim()
  // What stands at the gate reads from a pipe that says nothing until the gate opens.
  execFileSync('mkfifo', [join(dir, 'gate')])
  const pipe = openSync(join(dir, 'gate'), constants.O_RDWR)
  const hold = `echo $$ > ${dir}/held; read -r _ < ${dir}/gate`
  const held = {
    before: `${hold}; exec ${real} "$@"`,
    after: `${real} "$@"; code=$?; ${hold}; exit $code`,
    fail: `echo x >> ${dir}/held; [ "$(wc -l < ${dir}/held)" -gt ${times} ] || { echo made to fail >&2; exit 7; }`,
  }[manner]
  program(
    dir,
    name,
    `case "$*" in\n*${pattern.replaceAll(' ', '\\ ')}*) if [ ! -e ${dir}/open ]; then ${held}; fi ;;\nesac\nexec ${real} "$@"`,
  )
  const at = join(dir, 'held')
  return {
    env: { PATH: `${dir}${delimiter}${process.env.PATH}` },
    reached: async () =>
      void (await eventually(() => existsSync(at) && readFileSync(at, 'utf8').endsWith('\n'))),
    open() {
      writeFileSync(join(dir, 'open'), '')
      writeSync(pipe, '\n')
    },
    kill() {
      // Its process group is its own, with whatever it has started.
      process.kill(-Number(readFileSync(at, 'utf8')), 'SIGKILL')
    },
  }
}

/** The commands of a Qdrant recovery that matter most, each with how it is known. */
export const COMMAND = {
  upload: ['curl', 'snapshots/upload'],
  switch: ['curl', '/collections/aliases'],
  aside: ['docker', 'mv -n'],
  start: ['docker', 'up -d*backup-service'],
} as const
