import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PROBE = join(import.meta.dirname, 'probe.mjs')

/** How a program ended, and how many milliseconds after its start. */
export interface Ended {
  exitCode: number
  stdout: string
  stderr: string
  ms: number
}

interface Used {
  peakKb: number
  cpuSeconds: number
}

/** The same with what the processes of the tool used together: peaks of resident memory, processor time. */
export interface Measured extends Ended {
  peakMb: number
  cpuSeconds: number
}

export interface Surroundings {
  cwd: string
  env?: Record<string, string>
}

/** Runs a program with closed stdin. Any exit code is an answer. */
export function run(argv: readonly [string, ...string[]], { cwd, env = {} }: Surroundings): Promise<Ended> {
  const [program, ...args] = argv
  const begun = performance.now()
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', chunk => {
    stdout += chunk
  })
  child.stderr.setEncoding('utf8').on('data', chunk => {
    stderr += chunk
  })
  return new Promise((ended, failed) => {
    child.on('error', failed)
    child.on('close', code => ended({ exitCode: code ?? -1, stdout, stderr, ms: performance.now() - begun }))
  })
}

/**
 * Runs one of our TypeScript files in the way `npx tsx` does, with the probe in it. Throws when it fails: a
 * program that did not do its work has no memory figure.
 */
export async function measure(
  file: string,
  args: readonly string[],
  around: Surroundings,
): Promise<Measured> {
  const dir = mkdtempSync(join(tmpdir(), 'runbook-bench-'))
  try {
    const argv = [process.execPath, '--import', 'tsx', '--import', PROBE, file, ...args] as const
    const ended = await run([...argv], { ...around, env: { ...around.env, BENCH_PROBE: dir } })
    if (ended.exitCode !== 0) throw new Error(`${file} ${args.join(' ')} failed: ${lastLines(ended)}`)
    const all = readdirSync(dir).map(name => JSON.parse(readFileSync(join(dir, name), 'utf8')) as Used)
    const sum = (of: (used: Used) => number) => all.reduce((total, used) => total + of(used), 0)
    return { ...ended, peakMb: sum(used => used.peakKb) / 1024, cpuSeconds: sum(used => used.cpuSeconds) }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** The end of what a program said, for a sentence about its failure. */
export function lastLines({ exitCode, stdout, stderr }: Ended, lines = 6): string {
  const said = (stderr.trim() || stdout.trim()).split('\n').slice(-lines)
  return `exit code ${exitCode}\n${said.map(line => `    ${line.slice(0, 200)}`).join('\n')}`
}
