import { readFile } from 'node:fs/promises'
import { clock as mmss } from '../../lib/format.ts'
import { style } from '../../lib/style.ts'

/** Without a terminal a line for every piece of work at least this often. */
const HEARTBEAT_MS = 20_000

interface Work {
  name: string
  begun: number
  told: number
  log: string | undefined
}

const running = new Set<Work>()
let clock: NodeJS.Timeout | undefined

/**
 * Says that a piece of work has begun, that it goes on, and how long it took. Several may run side by
 * side: a terminal shows them in one line that is overwritten, anything else gets a line now and then.
 */
export async function track<T>(
  name: string,
  doing: string,
  work: () => Promise<T>,
  log?: string,
): Promise<T> {
  const mine: Work = { name, begun: Date.now(), told: Date.now(), log }
  say(`  ${name}: ${doing}`)
  running.add(mine)
  clock ??= setInterval(() => void beat(), process.stderr.isTTY ? 500 : 2000)
  try {
    const result = await work()
    finish(mine)
    say(`${style.good('  ✔')} ${name} ${style.quiet(elapsed(mine))}`)
    return result
  } catch (error) {
    finish(mine)
    say(`${style.bad('  ✖')} ${name} ${style.quiet(elapsed(mine))}`)
    throw error
  }
}

/** A line of its own, never in the middle of the overwritten one. Stderr: stdout is for results. */
export function say(line: string): void {
  clearLine()
  process.stderr.write(`${line}\n`)
}

async function beat(): Promise<void> {
  if (process.stderr.isTTY) return drawLine()
  for (const work of running) {
    if (Date.now() - work.told < HEARTBEAT_MS) continue
    work.told = Date.now()
    say(`  ${work.name}: ${elapsed(work)}  ${await lastLine(work.log)}`)
  }
}

function drawLine(): void {
  const parts = [...running].map(work => `${work.name} ${elapsed(work)}`)
  const width = (process.stderr.columns ?? 80) - 1
  process.stderr.write(`\r\x1b[2K${`    ${parts.join(' · ')}`.slice(0, width)}`)
}

function clearLine(): void {
  if (process.stderr.isTTY && running.size > 0) process.stderr.write('\r\x1b[2K')
}

function finish(work: Work): void {
  clearLine()
  running.delete(work)
  if (running.size > 0) return
  clearInterval(clock)
  clock = undefined
}

function elapsed(work: Work): string {
  return mmss(Date.now() - work.begun)
}

async function lastLine(log: string | undefined): Promise<string> {
  return log ? ((await tailOf(log, 1))[0] ?? '').slice(0, 60) : ''
}

/** The last lines of a log that say something, without colours. */
export async function tailOf(log: string, lines: number): Promise<string[]> {
  const all = await readFile(log, 'utf8').catch(() => '')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is removed
  const plain = all.replace(/\x1b\[[0-9;]*[A-Za-z]/g, '')
  const said = plain.split(/[\r\n]+/).filter(line => line.trim() !== '')
  return said.slice(-lines)
}
