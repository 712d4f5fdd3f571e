import { spawn } from 'node:child_process'
import { join } from 'node:path'
import type { LabTarget } from '../target.ts'

/** How a program of this repository ended. */
export interface Ended {
  exitCode: number
  stdout: string
  stderr: string
  seconds: number
}

/** A program that has not ended by then is killed: whoever waits for it could not put anything right. */
const SECONDS = 400

/** What is typed into a program once its output so far asks for it; undefined: nothing yet. */
export type Typist = (stdout: string) => string | undefined

/**
 * Runs a TypeScript program of this repository as `npx tsx` does, without a terminal. Its stdin is closed, or
 * gets the one line of the typist.
 */
export async function run(
  target: LabTarget,
  file: string,
  args: readonly string[] = [],
  seconds = SECONDS,
  typist?: Typist,
): Promise<Ended> {
  const begun = Date.now()
  const child = start(target, file, args, [typist ? 'pipe' : 'ignore', 'pipe', 'pipe'])
  let [stdout, stderr] = ['', '']
  child.stdout?.setEncoding('utf8').on('data', chunk => {
    stdout += chunk
    const line = child.stdin?.writableEnded ? undefined : typist?.(stdout)
    if (line !== undefined) child.stdin?.end(`${line}\n`)
  })
  child.stderr?.setEncoding('utf8').on('data', chunk => {
    stderr += chunk
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000)
  const exitCode = await ended(child)
  clearTimeout(timer)
  return { exitCode, stdout, stderr, seconds: (Date.now() - begun) / 1000 }
}

/**
 * Runs a program in this terminal and gives its exit code. A Ctrl-C at the terminal reaches the program
 * too: it decides what that means, and this process waits for its decision.
 */
export async function runHere(
  target: LabTarget,
  file: string,
  args: readonly string[] = [],
): Promise<number> {
  const deaf = () => undefined
  process.on('SIGINT', deaf)
  try {
    return await ended(start(target, file, args, 'inherit'))
  } finally {
    process.off('SIGINT', deaf)
  }
}

function start(
  target: LabTarget,
  file: string,
  args: readonly string[],
  stdio: 'inherit' | ['ignore' | 'pipe', 'pipe', 'pipe'],
) {
  const env = { ...target.env, COMPOSE_PROJECT_NAME: target.project }
  const argv = ['--import', 'tsx', join(target.root, file), ...args]
  return spawn(process.execPath, argv, { cwd: target.root, env, stdio })
}

function ended(child: ReturnType<typeof spawn>): Promise<number> {
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    // A signal is no success: shells report it as 128 and more.
    child.on('close', code => resolve(code ?? 128))
  })
}
