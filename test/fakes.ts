import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { Suite } from './describe.ts'

/** A directory of the suite's own, removed after its last test. */
export function tempDir(suite: Suite): string {
  const dir = mkdtempSync(join(tmpdir(), 'runbook-test-'))
  suite.after(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** Writes an executable; a text without `#!` is a shell script. Gives its path. */
export function program(dir: string, name: string, text: string): string {
  const file = join(dir, name)
  writeFileSync(file, text.startsWith('#!') ? text : `#!/bin/sh\n${text}\n`)
  chmodSync(file, 0o755)
  return file
}

/** Puts a directory of fakes in front of PATH until the suite has ended. */
export function onPath(suite: Suite, dir: string): void {
  const before = process.env.PATH
  suite.before(() => {
    process.env.PATH = `${dir}${delimiter}${before}`
  })
  suite.after(() => {
    process.env.PATH = before
  })
}
