import { resolve } from 'node:path'
import { type Command, ownCommand } from '../lib/command.ts'
import { Objects } from '../lib/objects.ts'
import type { Target } from '../lib/target.ts'
import type { StoredObject } from './member.ts'

/** Downloads an object of a backup into a file and compares its sha256 (tools/objects.ts get). */
export function fetchObject(
  { backups }: Target,
  { key, sha256 }: Pick<StoredObject, 'key' | 'sha256'>,
  file: string,
): Command {
  return ownCommand('objects', ['get', key, file, '--sha256', sha256], async (_, io) => {
    await new Objects(backups).verify(key, sha256, io, resolve(io.cwd, file))
    return `${sha256}  ${file}\n`
  })
}
