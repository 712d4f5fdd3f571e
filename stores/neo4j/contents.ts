import { resolve } from 'node:path'
import { type Command, ownCommand } from '../../lib/command.ts'
import type { NodeSide } from '../../lib/config-schema.ts'
import { exec } from '../../lib/exec.ts'
import type { Neo4jStore, Target } from '../../lib/target.ts'
import type { Sequence } from '../../runbook/tree.ts'
import {
  contentFiles,
  contentVerdict,
  fieldsOf,
  listSample,
  type Sampled,
  SeenContents,
  sameValue,
  sampledRows,
} from '../content.ts'
import { relationsWith } from '../references.ts'
import { session } from './commands.ts'
import { named } from './content.ts'
import type { Neo4jBase } from './facts.ts'
import { END, HEAD } from './graph.ts'
import { inBatches } from './nodes/part.ts'
import { doubled, quoted, type Typed, typed } from './nodes/values.ts'
import { endedEarly, parseDoubled, Records } from './plain.ts'
import type { NodeRelation } from './references.ts'

/** Rows per session, because each takes a second to begin; their nodes are in memory meanwhile. */
const BATCH = 5000

/** Compares properties of nodes with the rows of a sample (tools/graph.ts content). */
export function compareProperties(
  target: Target,
  store: Neo4jStore,
  { label, property }: Pick<NodeSide, 'label' | 'property'>,
  rows: string,
  fields: readonly string[],
  different: string,
): Command {
  const words = ['content', store.name, label, property, rows, JSON.stringify(fields), different]
  return ownCommand('graph', words, async (_, io) => {
    const seen = new SeenContents(resolve(io.cwd, different))
    // A number beyond 2^53 is read as a text: only compared, and never written.
    for await (const batch of sampledRows(rows, io, exactly, BATCH)) {
      const query = contentQuery(
        label,
        property,
        fields,
        batch.map(({ key }) => key),
      )
      const nodes = new NodeReader()
      await exec(session(target.runtime, store, query), {
        cwd: io.cwd,
        signal: io.signal,
        sink: chunk => nodes.add(chunk),
      })
      nodes.end()
      for (const { key, values } of batch) {
        const differ = (nodes.of(key) ?? []).map(node =>
          fields.filter((_, at) => !sameValue(values[at], node[at])),
        )
        seen.add(key, nodes.of(key) && [...new Set(differ.flat())])
      }
    }
    return `${JSON.stringify(seen.end())}\n`
  })
}

function exactly(json: string): unknown {
  return JSON.parse(
    json.replace(/"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g, word => (word[0] === '"' ? word : `"${word}"`)),
  )
}

/** A key may be a number or a text in the graph; the index is asked for both. */
function contentQuery(
  label: string,
  property: string,
  fields: readonly string[],
  keys: readonly string[],
): string {
  const told = fields.map(field => typed(`n.${named(field)}`))
  const statements = inBatches(keys).map(batch => {
    const values = batch.flatMap(key => (/^-?\d{1,18}$/.test(key) ? [key, quoted(key)] : [quoted(key)]))
    return `UNWIND [${values.join(', ')}] AS k MATCH (n:${named(label)} {${named(property)}: k})
  RETURN "node" AS ${HEAD}, ${doubled('toString(k)')} AS key, [${told.join(', ')}] AS told;
`
  })
  return statements.join('') + END
}

/** Nodes by their keys, each with the values of the fields. */
export class NodeReader {
  readonly #nodes = new Map<string, unknown[][]>()
  readonly #records = new Records(record => this.#take(record.toString('utf8')))
  #ended = false

  add(chunk: Buffer): void {
    this.#records.add(chunk)
  }

  of(key: string): unknown[][] | undefined {
    return this.#nodes.get(key)
  }

  /** Throws a Problem when the answer was cut or cannot be read. */
  end(): void {
    this.#records.end()
    if (!this.#ended) throw endedEarly()
  }

  #take(record: string): void {
    if (record.startsWith('"head"')) return
    const [tag, key, told] = parseDoubled(record)
    if (tag === 'end') this.#ended = true
    else {
      const values = (told as unknown as Typed[]).map(plainValue)
      this.#nodes.set(String(key), [...(this.#nodes.get(String(key)) ?? []), values])
    }
  }
}

function plainValue([type, texts]: Typed): unknown {
  if (type === 'NULL') return null
  return type.startsWith('LIST') ? texts : texts[0]
}

/** Nodes say what their rows say: on a sample. */
export const checkNodeContent = <F extends Neo4jBase & Sampled>(s: Sequence<F>) => {
  const part = (s as unknown as Sequence<Neo4jBase & Sampled>).each(
    'relation',
    f => relationsWith(f, 'neo4j').filter(relation => fieldsOf(relation, 'node').length > 0),
    s =>
      s
        .keep('list a sample of the rows', f => listSample(f, f.relation, 'node'))
        .check('every node says what its row says', comparedProperties, (o, f) =>
          contentVerdict(o, 'node', contentFiles(f, f.relation.name, 'node').different),
        ),
    'For each relation with content',
  )
  return part as unknown as Sequence<F>
}

export function comparedProperties(f: Neo4jBase & { relation: NodeRelation }): Command {
  const { name, neo4j } = f.relation
  const { rows, different } = contentFiles(f, name, 'node')
  const fields = fieldsOf(f.relation, 'node').map(({ field }) => field)
  return compareProperties(f.target, f.store, neo4j, rows, fields, different)
}
