import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type Command, ownCommand } from '../../lib/command.ts'
import type { Target } from '../../lib/target.ts'
import type { Neo4jBase } from './facts.ts'

/** Longest time a guardian waits for its dismissal, in seconds. */
const PATIENCE = 4 * 3600
const DISMISSED = 'dismissed'

/**
 * Waits for the word in the file $1; when process $2 has died, the file is gone or $3 seconds are over, it
 * runs the rest of its arguments. A killed process whose parent does not care stays as a zombie, for which
 * `kill -0` still says yes.
 */
const WATCH = `file=$1 pid=$2 left=$3; shift 3
alive() { [ -z "$pid" ] || { kill -0 "$pid" 2>/dev/null && ! grep -qs '^State:.*Z' "/proc/$pid/status"; }; }
while [ -e "$file" ] && alive && [ "$left" -gt 0 ]; do
  [ "$(cat "$file")" = ${DISMISSED} ] && exit 0
  left=$((left - 1)); sleep 1
done
[ "$(cat "$file" 2>/dev/null)" = ${DISMISSED} ] && exit 0
exec "$@"`

/**
 * Starts a process that starts Neo4j again when this one dies, however it dies. It is a process of this host
 * in a session of its own, so that neither a closed terminal nor `kill -9` takes it along. It is no container,
 * because a container that may start others needs the Docker socket, which is root on that machine; from here
 * the same client reaches a remote Docker too. What it cannot survive is the loss of this host.
 */
export function setGuardian(f: Neo4jBase): Command {
  return ownCommand('guardian', ['set', f.store.name, guardianFile(f)], async (_, io) => {
    guard(f.target, f.store.service, resolve(io.cwd, guardianFile(f)), `${process.pid}`)
    return ''
  })
}

/** `pid` is the process to outlive; empty: only the file and the time count. */
export function guard(target: Target, service: string, file: string, pid: string): void {
  const { argv, env } = target.runtime.start([service])
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, 'on guard\n')
  const watch = ['-c', WATCH, 'guardian', file, pid, `${PATIENCE}`, ...argv]
  const child = spawn('sh', watch, {
    cwd: target.root,
    detached: true,
    stdio: 'ignore',
    env: { ...process.env, ...(env as Record<string, string>) },
  })
  child.unref()
}

/** Neo4j is back: the guardian ends within a second. */
export function dismissGuardian(f: Neo4jBase): Command {
  return ownCommand('guardian', ['dismiss', f.store.name, guardianFile(f)], async (_, io) => {
    writeFileSync(resolve(io.cwd, guardianFile(f)), `${DISMISSED}\n`)
    return ''
  })
}

/** "on guard", "dismissed" or nothing. */
export function askGuardian(f: Neo4jBase): Command {
  return ownCommand('guardian', ['ask', f.store.name, guardianFile(f)], async (_, io) => {
    try {
      return readFileSync(resolve(io.cwd, guardianFile(f)), 'utf8')
    } catch {
      return '\n'
    }
  })
}

function guardianFile(f: Neo4jBase): string {
  return `${f.run.folder}/guardian`
}
