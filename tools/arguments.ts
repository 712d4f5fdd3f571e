import type { Server } from 'node:http'
import { type Options, splitArguments } from '../lib/arguments.ts'
import type { Io } from '../lib/command.ts'
import { loadConfig } from '../lib/config.ts'
import { badInput } from '../lib/problem.ts'
import { type Target, targetOf } from '../lib/target.ts'

/**
 * The arguments of a tool. `--config` and `--help` are understood by all of them; `--help` prints the text
 * and ends the program. Throws a Problem (exit 64) for anything unknown.
 */
export function readArguments<const O extends Options>(help: string, options: O) {
  const all = { ...options, config: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const
  const parsed = splitArguments(process.argv.slice(2), all, '--help shows what there is')
  if ((parsed.values as { help?: boolean }).help) {
    process.stdout.write(`${help}\n`)
    process.exit(0)
  }
  return parsed
}

/** The target of a tool: of --config, else of runbook.config.yaml. */
export function targetFrom(values: object): Target {
  const { config } = values as { config?: string }
  return targetOf(loadConfig(config ?? 'runbook.config.yaml'))
}

/** Surroundings of a command of our own that runs as a program. */
export function ownIo(target: Target): Io {
  const killer = new AbortController()
  process.once('SIGINT', () => killer.abort())
  process.once('SIGTERM', () => killer.abort())
  return { signal: killer.signal, progress: () => undefined, env: {}, cwd: target.root }
}

/** A word that is JSON. Throws a Problem (exit 64) when it is none. */
export function readJson<T>(word: string): T {
  try {
    return JSON.parse(word) as T
  } catch {
    throw badInput(`"${word.slice(0, 60)}" is no JSON`, '--help shows the form')
  }
}

/** "127.0.0.1:8081". Throws a Problem (exit 64) for anything else. */
function placeToListen(listen: string): { host: string; port: number } {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(listen) ?? []
  if (host && Number(port) <= 65_535) return { host, port: Number(port) }
  throw badInput(`"${listen.slice(0, 40)}" is no place to listen`, 'one looks like 127.0.0.1:8081')
}

/** Starts to listen. Throws a Problem (exit 64) where that is not possible. */
export async function listenAt(server: Server, listen: string): Promise<void> {
  const { host, port } = placeToListen(listen)
  await new Promise<void>((listening, refused) => {
    server.once('error', error =>
      refused(badInput(`cannot listen at ${listen}: ${error.message}`, 'give another --listen')),
    )
    server.listen(port, host, listening)
  })
}
