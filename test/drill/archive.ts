import { join } from 'node:path'
import { readEnvFile } from '../../lab/env-file.ts'
import { compose, requirePracticeGround, states } from '../../lab/ground.ts'
import { type LabTarget, labTarget } from '../../lab/target.ts'
import { Objects } from '../../lib/objects.ts'
import { Secret } from '../../lib/secret.ts'
import type { Bucket } from '../../lib/target.ts'
import { clear } from './running.ts'
import { testGround } from './target.ts'

/** Letters in every store before the backup; the last one is in no script. */
export const LETTERS = 41

/** Where the second platform is described. */
export const FOLDER = join(labTarget().root, 'test/second')
export const COMPOSE_FILE = join(FOLDER, 'compose.yaml')

/** The archive of test/second beside the ground of the drills, with its name and the first digits of its ports. */
export function archive(): LabTarget {
  const ground = testGround()
  const digits = ground.env.PUBLISH_QDRANT!.slice(0, 2)
  return labTarget({
    ...readEnvFile(join(FOLDER, 'practice.env')),
    COMPOSE_PROJECT_NAME: `${ground.project}-archive`,
    COMPOSE_FILE,
    MEANING_PORT: `${digits}343`,
    VAULT_PORT: `${digits}910`,
  })
}

/** Starts it empty, waits until every store is healthy, and fills it. */
export async function startArchive(target: LabTarget): Promise<void> {
  await removeArchive(target)
  const wait = ['--wait', '--wait-timeout', '240']
  await compose(target, 'up', '-d', ...wait, '--no-build', '--pull', 'never')
  await sql(target, 'letters', `INSERT INTO letters VALUES ('${idOf(LETTERS)}', 1, 'letter 41', now())`)
  await Promise.all([makePoints(target), makeGraph(target), new Objects(bucketOf(target)).ensureBucket()])
}

function bucketOf({ env }: LabTarget): Bucket {
  const key = (name: string) => new Secret(name, env[name] ?? '')
  return {
    endpoint: `http://127.0.0.1:${env.VAULT_PORT}`,
    service: 'vault',
    bucket: env.BACKUP_BUCKET || 'backups',
    accessKey: key('VAULT_KEY'),
    secretKey: key('VAULT_SECRET'),
  }
}

/** Removes it with its volumes, and what recoveries have set aside. Only what carries the label of practice grounds. */
export async function removeArchive(target: LabTarget): Promise<void> {
  if ((await states(target)).length > 0) await requirePracticeGround(target)
  await clear(target)
}

/** The id of a letter: a row, a point and a node. */
export function idOf(n: number): string {
  return `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`
}

const NUMBERS = Array.from({ length: LETTERS }, (_, i) => i + 1)

async function makePoints(target: LabTarget): Promise<void> {
  const vectors = { subject: { size: 4, distance: 'Cosine' }, body: { size: 3, distance: 'Dot' } }
  await qdrant(target, 'PUT', '/collections/letters', { vectors })
  const index = { field_name: 'year', field_schema: 'integer' }
  await qdrant(target, 'PUT', '/collections/letters/index?wait=true', index)
  const points = NUMBERS.map(n => ({
    id: idOf(n),
    payload: { letter: n, year: 2026 },
    vector: { subject: [Math.cos(n), Math.sin(n), Math.cos(3 * n), 1], body: [n, 1, -n / 2] },
  }))
  await qdrant(target, 'PUT', '/collections/letters/points?wait=true', { points })
}

/** Every letter answers the one before it. */
async function makeGraph(target: LabTarget): Promise<void> {
  await cypher(target, 'CREATE CONSTRAINT letter_id FOR (l:Letter) REQUIRE l.id IS UNIQUE')
  const all = NUMBERS.map(n => `{id: '${idOf(n)}', n: ${n}}`).join(', ')
  await cypher(target, `UNWIND [${all}] AS one CREATE (l:Letter) SET l = one`)
  await cypher(target, 'MATCH (a:Letter), (b:Letter) WHERE a.n = b.n + 1 CREATE (a)-[:ANSWERS]->(b)')
}

/** What the archive holds, read by the drill itself: rows, points with their vectors, answers. */
export async function lookAtArchive(target: LabTarget) {
  return {
    letters: await sql(
      target,
      'letters',
      'SELECT l.*, name FROM letters l JOIN people p ON p.id = sender ORDER BY 1',
    ),
    loans: await sql(
      target,
      'readers',
      'SELECT name, letter FROM loans JOIN readers ON id = reader ORDER BY 1, 2',
    ),
    readers: await sql(target, 'postgres', READERS),
    points: await pointsOf(target),
    answers: await cypher(target, 'MATCH (a:Letter)-[:ANSWERS]->(b:Letter) RETURN a.id, b.id ORDER BY a.n'),
  }
}

/** Owner and settings of the second database: no dump brings them back. */
const READERS = `SELECT rolname, setconfig FROM pg_database d JOIN pg_roles r ON r.oid = datdba
LEFT JOIN pg_db_role_setting s ON s.setdatabase = d.oid WHERE datname = 'readers'`

async function pointsOf(target: LabTarget): Promise<unknown> {
  const all = { limit: 1000, with_payload: true, with_vector: true }
  const { points } = (await qdrant(target, 'POST', '/collections/letters/points/scroll', all)) as {
    points: unknown
  }
  return points
}

/** Over the socket of the container. */
export function sql(target: LabTarget, database: string, query: string): Promise<string> {
  const psql = ['psql', '-X', '-At', '-v', 'ON_ERROR_STOP=1', '-U', 'archivist', '-d', database, '-c', query]
  return compose(target, 'exec', '-T', 'row_store', ...psql)
}

/** In the container, which knows its password: no port is published. */
export function cypher(target: LabTarget, query: string): Promise<string> {
  const shell = `NEO4J_USERNAME=neo4j NEO4J_PASSWORD="$\{NEO4J_AUTH#*/}" cypher-shell --format plain "$1"`
  return compose(target, 'exec', '-T', 'kinship', 'sh', '-c', shell, 'cypher', query)
}

/** One request with the key; gives the result, throws what Qdrant says otherwise. */
export async function qdrant(
  target: LabTarget,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${target.env.MEANING_PORT}${path}`, {
    method,
    headers: { 'api-key': target.env.MEANING_KEY ?? '', 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const answer = (await response.json()) as { result?: unknown }
  if (!response.ok) throw new Error(`${response.status} to ${method} ${path}: ${JSON.stringify(answer)}`)
  return answer.result
}
