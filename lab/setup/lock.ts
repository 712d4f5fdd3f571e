import { readFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { KEPT } from './paths.ts'
import { track } from './progress.ts'

const FILE = join(KEPT, 'setup.pid')

/** Runs `work` alone: two set-ups in one checkout would build the same images twice. */
export async function alone<T>(work: () => Promise<T>): Promise<T> {
  await mkdir(KEPT, { recursive: true })
  if (!(await take()))
    await track('set-up', `waiting for the one that is running (process ${holder()})`, waitForIt)
  try {
    return await work()
  } finally {
    await rm(FILE, { force: true })
  }
}

async function waitForIt(): Promise<void> {
  while (!(await take())) await pause(300)
}

/** Creates the file, or takes it over from a process that is gone. */
async function take(): Promise<boolean> {
  try {
    await writeFile(FILE, `${process.pid}\n`, { flag: 'wx' })
    return true
  } catch {
    const pid = holder()
    if (pid !== undefined && !lives(pid)) await rm(FILE, { force: true })
    return false
  }
}

function holder(): number | undefined {
  try {
    return Number(readFileSync(FILE, 'utf8')) || undefined
  } catch {
    return undefined
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
