import { spawn } from 'node:child_process'
import type { Typist } from '../../lab/drills/program.ts'
import { watchMemory } from './memory.ts'

/** How a program ended, and how many milliseconds after its start. */
export interface Ended {
  exitCode: number
  stdout: string
  stderr: string
  ms: number
}

/** The same with the most memory that the processes of the tool had together, in MiB. */
export interface Measured extends Ended {
  peakMb: number
}

export interface Surroundings {
  cwd: string
  env?: Record<string, string>
  /** Gives the one line for its stdin; without, that is closed. */
  typist?: Typist
}

/** Runs a program. Any exit code is an answer. */
export function run(argv: readonly [string, ...string[]], around: Surroundings): Promise<Ended> {
  return start(argv, around).ended
}

/**
 * Runs one of our TypeScript files in the way `npx tsx` does and watches its memory. Throws when it fails: a
 * program that did not do its work has no memory figure.
 */
export async function measure(
  file: string,
  args: readonly string[],
  around: Surroundings,
): Promise<Measured> {
  const { pid, ended } = start([process.execPath, '--import', 'tsx', file, ...args], around)
  const watch = watchMemory(pid)
  const how = await ended
  const peakMb = watch.stop()
  if (how.exitCode !== 0) throw new Error(`${file} ${args.join(' ')} failed: ${lastLines(how)}`)
  return { ...how, peakMb }
}

function start(argv: readonly [string, ...string[]], { cwd, env = {}, typist }: Surroundings) {
  const [program, ...args] = argv
  const begun = performance.now()
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  if (!typist) child.stdin.end()
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', chunk => {
    stdout += chunk
    const line = child.stdin.writableEnded ? undefined : typist?.(stdout)
    if (line !== undefined) child.stdin.end(`${line}\n`)
  })
  child.stderr.setEncoding('utf8').on('data', chunk => {
    stderr += chunk
  })
  const ended = new Promise<Ended>((resolve, failed) => {
    child.on('error', failed)
    child.on('close', code =>
      resolve({ exitCode: code ?? -1, stdout, stderr, ms: performance.now() - begun }),
    )
  })
  return { pid: child.pid ?? -1, ended }
}

/** The end of what a program said, for a sentence about its failure. */
export function lastLines({ exitCode, stdout, stderr }: Ended, lines = 6): string {
  const said = (stderr.trim() || stdout.trim()).split('\n').slice(-lines)
  return `exit code ${exitCode}\n${said.map(line => `    ${line.slice(0, 200)}`).join('\n')}`
}
