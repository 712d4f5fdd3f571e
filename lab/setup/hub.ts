import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { badInput } from '../../lib/problem.ts'
import { succeeds } from '../shell.ts'
import { KEPT } from './paths.ts'
import { track } from './progress.ts'

export type Kind = 'upstream' | 'stand-in'

/** Which images are used, and why, as a sentence. */
export interface Decision {
  kind: Kind
  because: string
}

/** A few kilobytes; asked through the daemon, so that its mirrors and proxies count. */
const SMALL_IMAGE = 'hello-world:linux'
const PATIENCE_SECONDS = 15
const MEMORY = join(KEPT, 'images.json')

/**
 * Upstream images where an image hub answers, stand-ins where none does. Found out once by trying and then
 * remembered in `.lab/images.json`; LAB_IMAGES=upstream|stand-in decides by hand. `ready` are images that
 * are already here: with all of them there is nothing to ask a hub for.
 */
export async function decide(upstreamIsHere: boolean): Promise<Decision> {
  const wanted = process.env.LAB_IMAGES
  if (wanted === 'upstream' || wanted === 'stand-in') return { kind: wanted, because: `LAB_IMAGES=${wanted}` }
  if (wanted) throw badInput(`LAB_IMAGES is "${wanted}"`, 'use upstream or stand-in, or leave it unset')
  const remembered = await recall()
  if (remembered) return remembered
  const decision = upstreamIsHere ? local : await tryHub()
  await mkdir(KEPT, { recursive: true })
  await writeFile(MEMORY, `${JSON.stringify(decision, undefined, 2)}\n`)
  return decision
}

const local: Decision = { kind: 'upstream', because: 'the upstream images are on this machine' }

async function recall(): Promise<Decision | undefined> {
  const text = await readFile(MEMORY, 'utf8').catch(() => '{}')
  const found = JSON.parse(text) as Partial<Decision>
  if (found.kind !== 'upstream' && found.kind !== 'stand-in') return undefined
  return { kind: found.kind, because: found.because ?? 'found out earlier' }
}

async function tryHub(): Promise<Decision> {
  const answers = await track(
    'image hub',
    `looking whether one answers (${PATIENCE_SECONDS} s at most)`,
    () => {
      return succeeds`timeout ${PATIENCE_SECONDS} docker pull -q ${SMALL_IMAGE}`
    },
  )
  return answers
    ? { kind: 'upstream', because: 'an image hub answers' }
    : { kind: 'stand-in', because: 'no image hub answers' }
}
