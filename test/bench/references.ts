import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compose } from '../../lab/ground.ts'
import { connectNeo4j } from '../../lab/platform/neo4j.ts'
import { connectQdrant } from '../../lab/platform/qdrant.ts'
import { startGround } from '../../lab/start.ts'
import { type LabTarget, settingsOf } from '../../lab/target.ts'
import { count } from '../../lib/format.ts'
import type { Edges } from '../../stores/edges.ts'
import type { References } from '../../stores/references.ts'
import { takeDown } from './ground.ts'
import { lastLines, measure, run } from './programs.ts'
import { type Row, seconds } from './table.ts'

/** As many as the tool promises to compare. */
const IDS = 1_000_000
const SECONDS_BUDGET = 120
const PEAK_BUDGET_MB = 200

/** What is taken away and added by hand, so that a comparison that sees nothing is found out. */
const LOST = { points: 7, nodes: 5 }
const STRAY = { points: 3, nodes: 2 }
/** Relationships that lead to another node, and that are gone. */
const EDGES = { repointed: 4, missing: 6 }

/** A million rows with as many points, nodes and relationships, compared by the programs of the page. Throws when the counts are wrong. */
export async function referenceRows(target: LabTarget, tell: (line: string) => void): Promise<Row[]> {
  await takeDown(target)
  await startGround(target)
  tell(`references: filling in ${count(IDS)} ids per store`)
  await fill(target)
  const folder = mkdtempSync(join(tmpdir(), 'references-'))
  try {
    const rows = join(folder, 'rows.tsv')
    const listing = await list(target, rows)
    const lists = [join(folder, 'missing.txt'), join(folder, 'orphans.txt')]
    const rest = [rows, new Date().toISOString(), ...lists]
    const points = ['references', 'qdrant', TABLE, ...rest]
    const nodes = ['references', 'neo4j', LABEL, 'id', ...rest]
    const edgeRows = join(folder, 'edges.tsv')
    const edgeListing = await list(target, edgeRows, 'id, parent_id, created_at')
    const edgeLists = ['missing', 'repointed', 'additional'].map(kind => join(folder, `${kind}.tsv`))
    const since = new Date().toISOString()
    const edges = ['edges', 'neo4j', JSON.stringify(ENDS), edgeRows, since, ...edgeLists]
    return [
      ...(await compared(target, 'points', 'tools/points.ts', points, listing)),
      ...(await compared(target, 'nodes', 'tools/graph.ts', nodes, listing)),
      ...(await comparedEdges(target, edges, edgeListing)),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
    await takeDown(target)
  }
}

const TABLE = 'bench_ids'
const LABEL = 'BenchId'
/** So many rows refer to the same one. */
const SIBLINGS = 1000
const PARENT = 'BenchParent'
const ENDS = {
  label: LABEL,
  property: 'id',
  edge: { name: 'parent', column: 'parent_id', type: 'BENCH_OF', label: PARENT, property: 'id' },
}
const BATCH = 10_000

async function fill(target: LabTarget): Promise<void> {
  await sql(
    target,
    `CREATE TABLE ${TABLE} AS SELECT i::bigint AS id, i / ${SIBLINGS} AS parent_id, now() - interval '1 day' AS created_at
     FROM generate_series(1, ${IDS}) i; ALTER TABLE ${TABLE} ADD PRIMARY KEY (id)`,
  )
  const settings = settingsOf(target)
  const qdrant = connectQdrant(settings.qdrant)
  const neo4j = connectNeo4j(settings.neo4j)
  await qdrant.call('PUT', `/collections/${TABLE}`, { vectors: { size: 2, distance: 'Dot' } }, 60_000)
  await neo4j.run(`CREATE CONSTRAINT bench_id FOR (n:${LABEL}) REQUIRE n.id IS UNIQUE`)
  await neo4j.run(`CREATE CONSTRAINT bench_parent FOR (n:${PARENT}) REQUIRE n.id IS UNIQUE`)
  await neo4j.run('CALL db.awaitIndexes(60)')
  await neo4j.run(`UNWIND range(0, ${IDS / SIBLINGS}) AS id CREATE (:${PARENT} {id: id})`)
  for (let from = 1; from <= IDS; from += BATCH) {
    const ids = Array.from({ length: BATCH }, (_, i) => from + i)
    await qdrant.upsert(
      TABLE,
      ids.filter(id => id > LOST.points).map(id => ({ id, vector: [1, id % 7], payload: {} })),
    )
    const kept = ids.filter(id => id > LOST.nodes)
    await neo4j.run(
      `UNWIND $ids AS id MATCH (p:${PARENT} {id: id / ${SIBLINGS}})
       CREATE (:${LABEL} {id: id})-[:BENCH_OF]->(p)`,
      { ids: kept },
    )
  }
  const wrong = { from: IDS - EDGES.repointed - EDGES.missing, gone: IDS - EDGES.missing }
  await neo4j.run(
    `MATCH (n:${LABEL})-[r:BENCH_OF]->() WHERE n.id > $from DELETE r
     WITH n WHERE n.id <= $gone MATCH (p:${PARENT} {id: 0}) CREATE (n)-[:BENCH_OF]->(p)`,
    wrong,
  )
  const beyond = (n: number) => Array.from({ length: n }, (_, i) => IDS + 1 + i)
  await qdrant.upsert(
    TABLE,
    beyond(STRAY.points).map(id => ({ id, vector: [1, 1], payload: {} })),
  )
  await neo4j.run(`UNWIND $ids AS id CREATE (:${LABEL} {id: id})`, { ids: beyond(STRAY.nodes) })
}

function sql({ env, ...target }: LabTarget, statement: string): Promise<string> {
  const who = ['-U', env.POSTGRES_USER || 'ai_user', '-d', env.POSTGRES_DB || 'ai_platform']
  return compose(
    { env, ...target },
    'exec',
    '-T',
    'postgres',
    'psql',
    '-v',
    'ON_ERROR_STOP=1',
    ...who,
    '-c',
    statement,
  )
}

/** Milliseconds of the list of rows, which every comparison begins with. */
async function list(
  { root, env, project }: LabTarget,
  file: string,
  columns = 'id, created_at',
): Promise<number> {
  const copy = `COPY (SELECT ${columns} FROM ${TABLE} ORDER BY id) TO STDOUT`
  const database = `-U ${env.POSTGRES_USER || 'ai_user'} -d ${env.POSTGRES_DB || 'ai_platform'}`
  const script = `docker compose exec -T postgres psql -X -At ${database} -c '${copy}' > '${file}'`
  const ended = await run(['sh', '-c', script], { cwd: root, env: { ...env, COMPOSE_PROJECT_NAME: project } })
  if (ended.exitCode !== 0) throw new Error(`the rows could not be listed: ${lastLines(ended)}`)
  return ended.ms
}

async function compared(
  { root: cwd }: LabTarget,
  what: 'points' | 'nodes',
  program: string,
  args: readonly string[],
  listing: number,
): Promise<Row[]> {
  const ended = await measure(program, args, { cwd })
  const seen = JSON.parse(ended.stdout) as References
  const unmatched = [seen.rows, seen.missing + seen.expected, seen.orphans]
  if (`${unmatched}` !== `${[IDS, LOST[what], STRAY[what]]}`)
    throw new Error(`the comparison with ${what} is wrong: ${ended.stdout}`)
  return rowsOf(`${count(IDS)} rows and ${what} compared`, listing, ended)
}

async function comparedEdges(
  { root: cwd }: LabTarget,
  args: readonly string[],
  listing: number,
): Promise<Row[]> {
  const ended = await measure('tools/graph.ts', args, { cwd })
  const seen = JSON.parse(ended.stdout) as Edges
  const wrong = [seen.rows, seen.missing + seen.expected, seen.repointed, seen.additional]
  if (`${wrong}` !== `${[IDS - LOST.nodes, EDGES.missing, EDGES.repointed, 0]}`)
    throw new Error(`the comparison of relationships is wrong: ${ended.stdout}`)
  return rowsOf(`${count(IDS)} foreign keys and relationships compared`, listing, ended)
}

function rowsOf(whole: string, listing: number, ended: { ms: number; peakMb: number }): Row[] {
  return [
    {
      what: whole,
      figures: `rows listed in ${seconds(listing)}, compared in ${seconds(ended.ms)}`,
      value: (listing + ended.ms) / 1000,
      budget: SECONDS_BUDGET,
      unit: 's',
    },
    { what: `peak memory, ${whole}`, figures: '', value: ended.peakMb, budget: PEAK_BUDGET_MB, unit: 'MB' },
  ]
}
