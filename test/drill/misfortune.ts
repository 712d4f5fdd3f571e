import { mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { aliasesOf } from '../../lab/drills/reads.ts'
import { recover } from '../../lab/drills/scenario.ts'
import { docker, states, until } from '../../lab/ground.ts'
import { connectQdrant } from '../../lab/platform/qdrant.ts'
import { text } from '../../lab/shell.ts'
import { type LabTarget, settingsOf } from '../../lab/target.ts'
import { stamp } from '../../lib/format.ts'
import { assert } from '../describe.ts'
import { last } from './said.ts'
import { worldOf } from './world.ts'

/** A second Qdrant that asks for a key; `work` gets the variables that lead to it. */
export async function withKeyedQdrant(
  target: LabTarget,
  work: (env: Record<string, string>) => Promise<void>,
): Promise<void> {
  const image = (await states(target)).find(each => each.service === 'qdrant')?.image ?? ''
  const port = String(Number(new URL(target.urls.qdrant).port) + 1)
  const key = ['-e', 'QDRANT__SERVICE__API_KEY=right']
  const publish = ['-p', `127.0.0.1:${port}:6333`]
  const id = await docker(target, ['run', '-d', ...key, ...publish, image])
  try {
    const url = `http://127.0.0.1:${port}/readyz`
    await until('the second Qdrant answers', 60, () =>
      fetch(url).then(
        answer => answer.ok || undefined,
        () => undefined,
      ),
    )
    await work({ PUBLISH_QDRANT: port })
  } finally {
    await docker(target, ['rm', '-f', '-v', id])
  }
}

/** A disk of 8 MB; only root can make one, and `npm test` runs as root where it may install Docker. */
export async function withTinyDisk(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tiny-'))
  await text`mount -t tmpfs -o size=8m tmpfs ${folder}`
  try {
    await work(folder)
  } finally {
    await text`umount ${folder}`
    rmdirSync(folder)
  }
}

/** How long a plan may take until the run after it opens its incident, whose second is in the name. */
const SECONDS_AHEAD = 240

/**
 * Recovery names carry the second in which the run begins, so aliases stand on all that may come. The run
 * stops at the first of them: recovering into an alias would overwrite the collection behind it.
 */
export async function withAliasesInTheWay(target: LabTarget): Promise<void> {
  const qdrant = connectQdrant(settingsOf(target).qdrant)
  const answers = ['--set', 'backup=latest', '--set', 'collections=documents_v1']
  const seconds = Array.from({ length: SECONDS_AHEAD }, (_, i) => new Date(Date.now() + i * 1000))
  const actions = seconds.map(second => ({
    create_alias: { alias_name: `documents_v1__r_${stamp(second)}`, collection_name: 'documents_v1' },
  }))
  await qdrant.call('POST', '/collections/aliases', { actions }, 60_000)
  const before = await worldOf(target)
  const ended = await recover(target, answers)
  assert.is(ended.exitCode, 2, last(ended))
  assert.match(ended.stderr, /__r_\d{8}_\d{6}/)
  assert.match(ended.stderr, /HINT: /)
  const after = await worldOf(target)
  assert.equal(await aliasesOf(target), before.aliases)
  assert.equal(after.collections, before.collections)
  // The writers had been stopped; the error names the command that starts them again.
  assert.match(ended.stderr, /docker compose up .*gateway/)
}
