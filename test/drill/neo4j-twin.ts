import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { docker, states } from '../../lab/ground.ts'
import { bucketOf, type LabTarget } from '../../lab/target.ts'
import { Objects } from '../../lib/objects.ts'
import type { Neo4jMember } from '../../stores/neo4j/member.ts'

/** What is wrong with a backup. The manifest's sha256 fits the object, unless `member` says otherwise. */
export interface Wrong {
  object?: (bytes: Buffer) => Buffer
  member?: (member: Neo4jMember) => Neo4jMember
}

/** Old names, so that none of them is ever the newest one by which others judge. */
const DAY = '2020/03/03'
let made = 0

/** Puts a twin of the newest backup of Neo4j into the bucket, in a set of its own, and gives its id. */
export async function makeNeo4jTwin(target: LabTarget, { object, member }: Wrong): Promise<string> {
  const objects = new Objects(bucketOf(target))
  const keys = (await objects.list('sets/')).map(({ key }) => key)
  const sets = keys.filter(key => /\/set_\d{8}_\d{6}\.json$/.test(key) && !key.includes('/2020/'))
  const newest = JSON.parse(await objects.text(sets.sort().at(-1)!)) as { members: Neo4jMember[] }
  const real = newest.members.find(({ kind }) => kind === 'neo4j')!
  const stamp = `20200303_${String(100_000 + made++)}`
  const id = `neo4j_${stamp}`
  const key = `neo4j/${DAY}/${id}.dump`
  const folder = mkdtempSync(join(tmpdir(), 'twin-'))
  try {
    const file = join(folder, 'object')
    await objects.download(real.key, file, quiet)
    const bytes = object ? object(readFileSync(file)) : readFileSync(file)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const twin = { ...real, id, key, sha256, size_bytes: bytes.length }
    const set = { ...newest, set: `set_${stamp}`, members: [member ? member(twin) : twin] }
    writeFileSync(file, bytes)
    await objects.upload(file, key, quiet)
    writeFileSync(file, JSON.stringify(set))
    await objects.upload(file, `sets/${DAY}/set_${stamp}.json`, quiet)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return id
}

const quiet = { signal: new AbortController().signal, progress: () => undefined }

// Ends with 143: it was asked to stop.
const EMPTY = `neo4j console > /tmp/log 2>&1 & server=$!
until wget -q -O /dev/null http://127.0.0.1:7474/; do kill -0 $server; sleep 1; done
kill $server; wait $server || [ $? = 143 ]
neo4j-admin database dump neo4j --to-path=/tmp >&2 && base64 /tmp/neo4j.dump`

/** A valid dump of a database in which nothing was ever written, made by the engine itself. */
export async function emptyDump(target: LabTarget): Promise<Buffer> {
  const image = (await states(target)).find(each => each.service === 'neo4j')?.image ?? ''
  // Not without a network: Neo4j then finds no address and calls its configuration invalid (seen with 5.26.30).
  const run = ['run', '--rm', '--user', '7474:7474', '--entrypoint', 'sh']
  return Buffer.from(await docker(target, [...run, image, '-ec', EMPTY]), 'base64')
}
