import type { Command } from './command.ts'
import { Secret } from './secret.ts'

/** Widest line of a printed command; a single longer word stays whole. */
export const WIDTH = 80

/** One word of a shell command: bare when it is harmless, else in POSIX single quotes. */
export function quote(word: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word) && !/^[A-Za-z_]\w*=/.test(word)) return word
  return `'${word.replaceAll("'", "'\\''")}'`
}

/** The command as a person would type it, on as many lines as 80 columns need. */
export function render(command: Command): string {
  return wrap(wordsOf(command))
}

/** The command on one line, for logs and errors. */
export function renderLine(command: Command): string {
  return wordsOf(command).join(' ')
}

function wordsOf(command: Command): string[] {
  const into = command.stdout === undefined ? [] : ['>', quote(command.stdout)]
  const from = command.stdin && 'file' in command.stdin ? ['<', quote(command.stdin.file)] : []
  return [...pipeIn(command.stdin), ...command.argv.map(quote), ...from, ...into]
}

function pipeIn(stdin: Command['stdin']): string[] {
  if (!stdin || 'file' in stdin) return []
  const values = stdin.values.map(value => (value instanceof Secret ? `"$${value.name}"` : quote(value)))
  return ['printf', quote(stdin.format), ...values, '|']
}

function wrap(words: readonly string[]): string {
  const lines: string[] = []
  let line = ''
  for (const word of words) {
    const longer = line === '' ? word : `${line} ${word}`
    if (line !== '' && longer.length > WIDTH - 2) {
      lines.push(`${line} \\`)
      line = `    ${word}`
    } else line = longer
  }
  return [...lines, line].join('\n')
}

/** `export` lines for everything the commands expect in their environment; secrets stay by name. */
export function exportsOf(commands: readonly Command[]): string[] {
  const lines = new Map<string, string>()
  for (const { env, stdin } of commands) {
    for (const [name, value] of Object.entries(env ?? {})) lines.set(name, exportLine(name, value))
    for (const value of stdin && 'values' in stdin ? stdin.values : []) {
      if (value instanceof Secret) lines.set(value.name, exportLine(value.name, value))
    }
  }
  return [...lines.values()].sort()
}

function exportLine(name: string, value: string | Secret): string {
  if (!(value instanceof Secret)) return `export ${name}=${quote(value)}`
  if (value.name !== name) return `export ${name}="$${value.name}"`
  return `export ${name}   # secret: read it from your vault`
}
