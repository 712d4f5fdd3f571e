import { type Command, command, type Output, ownCommand } from '../../lib/command.ts'
import type { QdrantStore } from '../../lib/target.ts'
import { explain } from './explain.ts'
import { inspectCollection } from './inspect.ts'

interface Request {
  body?: unknown
  ok?: readonly number[]
  /** Longest duration in seconds. */
  seconds?: number
  /** More curl options, such as an upload. */
  more?: readonly string[]
  /** A file for the answer; what Qdrant says when it refuses goes there too. */
  into?: string
}

/** One request as a curl command. `path` begins with a slash. */
export function request(store: QdrantStore, method: string, path: string, options: Request = {}): Command {
  const seconds = options.seconds ?? 30
  const argv: [string, ...string[]] = ['curl', '--fail-with-body', '-sS', '--max-time', String(seconds)]
  if (method !== 'GET') argv.push('-X', method)
  // The key travels on stdin, by the name of its variable: argv is visible in `ps`.
  if (store.apiKey) argv.push('-H', '@-')
  if (options.body !== undefined) {
    argv.push('-H', 'content-type: application/json', '-d', JSON.stringify(options.body))
  }
  argv.push(...(options.more ?? []))
  if (options.into !== undefined) argv.push('-o', options.into)
  argv.push(store.url + path)
  return command(argv, {
    limits: { total: seconds + 10 },
    explain: output => explain(store, output, options.into),
    ...(options.ok ? { ok: options.ok } : {}),
    ...(store.apiKey ? { stdin: { format: 'api-key: %s\\n', values: [store.apiKey] } } : {}),
  })
}

/** The `result` of an answer. */
export function resultOf<T>(output: Output): T {
  return (JSON.parse(output.stdout) as { result: T }).result
}

/** Which collections there are. */
export function collections(store: QdrantStore, ok: readonly number[] = []): Command {
  return request(store, 'GET', '/collections', { ok })
}

export function readCollections(output: Output): string[] {
  return resultOf<{ collections: { name: string }[] }>(output)
    .collections.map(collection => collection.name)
    .sort()
}

/** Which alias points where. */
export function aliases(store: QdrantStore, ok: readonly number[] = []): Command {
  return request(store, 'GET', '/aliases', { ok })
}

export function readAliases(output: Output): Record<string, string> {
  const { aliases } = resultOf<{ aliases: { alias_name: string; collection_name: string }[] }>(output)
  return Object.fromEntries(aliases.map(a => [a.alias_name, a.collection_name]))
}

/** The parameters and payload indexes of one collection; 404 is an answer. */
export function info(store: QdrantStore, collection: string): Command {
  return request(store, 'GET', `/collections/${collection}`, { ok: [22] })
}

export interface Info {
  status: string
  points_count: number
  config: { params: unknown }
  payload_schema: Record<string, { data_type: string }>
}

/** Undefined when the collection does not exist. */
export function readInfo(output: Output): Info | undefined {
  return output.exitCode === 22 ? undefined : resultOf<Info>(output)
}

/** Field → type of a collection's payload indexes. */
export function payloadSchema(found: Info): Record<string, string> {
  return Object.fromEntries(
    Object.entries(found.payload_schema).map(([field, { data_type }]) => [field, data_type]),
  )
}

/** The exact number of points; `points_count` is approximate. */
export function exactCount(store: QdrantStore, collection: string): Command {
  return request(store, 'POST', `/collections/${collection}/points/count`, {
    body: { exact: true },
    ok: [22],
  })
}

/** Undefined when the collection does not exist. */
export function readCount(output: Output): number | undefined {
  return output.exitCode === 22 ? undefined : resultOf<{ count: number }>(output).count
}

/** Points an alias at a collection, whatever it pointed at before. One action, so it is atomic. */
export function pointAlias(store: QdrantStore, alias: string, collection: string): Command {
  const actions = [{ create_alias: { alias_name: `${alias}`, collection_name: `${collection}` } }]
  return request(store, 'POST', '/collections/aliases', { body: { actions } })
}

export function dropAlias(store: QdrantStore, alias: string): Command {
  const actions = [{ delete_alias: { alias_name: `${alias}` } }]
  return request(store, 'POST', '/collections/aliases', { body: { actions } })
}

/** Removes a collection that this run made itself. */
export function removeFresh(store: QdrantStore, fresh: string): Command {
  return request(store, 'DELETE', `/collections/${fresh}?timeout=60`, { seconds: 90 })
}

/** Recovers a snapshot file into a collection that does not exist yet. */
export function uploadSnapshot(store: QdrantStore, fresh: string, file: string, sha256: string): Command {
  const path = `/collections/${fresh}/snapshots/upload?wait=true&priority=snapshot&checksum=${sha256}`
  const upload = request(store, 'POST', path, {
    seconds: 1800,
    more: ['-F', `snapshot=@${file}`, '--progress-bar'],
  })
  // -sS would also silence the progress bar.
  const argv = upload.argv.map(word => (word === '-sS' ? '-S' : word)) as [string, ...string[]]
  return { ...upload, argv }
}

/** Reads every point: content, vectors, searches (tools/points.ts). */
export function inspectPoints(store: QdrantStore, collection: string): Command {
  return ownCommand('points', ['inspect', store.name, collection], async ([, , name], io) => {
    const access = { url: store.url, apiKey: store.apiKey, signal: io.signal }
    return `${JSON.stringify(await inspectCollection(access, name!, io.progress))}\n`
  })
}
