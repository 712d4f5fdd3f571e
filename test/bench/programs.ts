import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
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

/** The same with what the process used by itself: peak of resident memory, processor time. */
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
  const probe = join(dir, 'used.json')
  try {
    const argv = [process.execPath, '--import', 'tsx', '--import', PROBE, file, ...args] as const
    const ended = await run([...argv], { ...around, env: { ...around.env, BENCH_PROBE: probe } })
    if (ended.exitCode !== 0) throw new Error(`${file} ${args.join(' ')} failed: ${lastLines(ended)}`)
    const used = JSON.parse(readFileSync(probe, 'utf8')) as { peakKb: number; cpuSeconds: number }
    return { ...ended, peakMb: used.peakKb / 1024, cpuSeconds: used.cpuSeconds }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

/** The end of what a program said, for a sentence about its failure. */
export function lastLines({ exitCode, stdout, stderr }: Ended, lines = 6): string {
  const said = (stderr.trim() || stdout.trim()).split('\n').slice(-lines)
  return `exit code ${exitCode}\n${said.map(line => `    ${line.slice(0, 200)}`).join('\n')}`
}
