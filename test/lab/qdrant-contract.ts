/**
 * Replays the recorded exchanges against a fresh server, and says where it differs. Fresh: without
 * collections, and without the snapshots that outlive a deleted one, so once per server.
 * By hand: `npx tsx test/lab/qdrant-contract.ts http://127.0.0.1:6333 [api key]`.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { differences, type Exchange, Substitutions, sameText } from './qdrant-contract-compare.ts'

const RECORDINGS = fileURLToPath(new URL('../fixtures/qdrant-contract/', import.meta.url))
const RECORDED_FILE_SERVER = 'http://127.0.0.1:18080'
/** A segment's name and the server's number differ from run to run. */
const RUN_NAMES = [
  [/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID'],
  [/-\d+-\d{4}(-\d\d){5}\.snapshot/g, '-RUN.snapshot'],
] as const

export interface ReplayOptions {
  /**
   * Under which host the server reaches this process, for the recovery from a URL. `null` if it
   * cannot: the recovery is then made from a file, and the refused URL is left out.
   */
  readonly reachableAs?: string | null
}

/** State of one replay: what is sent where, and what was learned on the way. */
interface Replay {
  readonly baseUrl: string
  readonly apiKey: string
  readonly known: Substitutions
  /** The collection snapshot downloaded in the course of the replay. */
  snapshot: Buffer
}

/**
 * A sentence for every difference to a real server's answers; empty if there is none. A server that
 * holds collections is left alone: the replay ends by deleting them all.
 */
export async function contractProblems(
  baseUrl: string,
  apiKey: string,
  { reachableAs = '127.0.0.1' }: ReplayOptions = {},
): Promise<string[]> {
  const replay: Replay = { baseUrl, apiKey, known: new Substitutions(), snapshot: Buffer.alloc(0) }
  const present = await collections(replay)
  if (present.length > 0) return [`the server is not fresh: it holds ${present.join(', ')}`]
  const files = reachableAs === null ? undefined : await serveFiles(replay)
  if (files) {
    const { port } = files.address() as AddressInfo
    replay.known.learn(RECORDED_FILE_SERVER, `http://${reachableAs}:${port}`)
  }
  const problems: string[] = []
  try {
    for (const exchange of await recordedExchanges()) {
      if (!files && exchange.name === 'recover-url-403') continue
      const found = await replayOne(replay, files ? exchange : withoutUrl(exchange))
      problems.push(...found.map(problem => `${exchange.name}: ${problem}`))
    }
  } finally {
    files?.close()
    await removeCollections(replay)
  }
  return problems
}

async function recordedExchanges(): Promise<Exchange[]> {
  const names = (await readdir(RECORDINGS)).filter(name => /^\d+-.*\.json$/.test(name)).sort()
  return Promise.all(names.map(async name => JSON.parse(await readFile(join(RECORDINGS, name), 'utf8'))))
}

/** The recovery of `u__r` from the file that `g__r` was recovered from. */
function withoutUrl(exchange: Exchange): Exchange {
  if (exchange.name !== 'recover-url') return exchange
  const body = {
    location: 'file:///qdrant/snapshots/documents/documents-594854314452748-2026-11-22-19-49-40.snapshot',
    priority: 'snapshot',
  }
  return { ...exchange, request: { ...exchange.request, body } }
}

async function replayOne(replay: Replay, exchange: Exchange): Promise<string[]> {
  const { request, response: expected } = exchange
  const response = await fetch(replay.baseUrl + replay.known.apply(request.path), {
    method: request.method,
    headers: headersOf(replay, exchange),
    body: bodyOf(replay, exchange),
  })
  const content = Buffer.from(await response.arrayBuffer())
  if (response.status !== expected.status) {
    return [`status ${response.status} instead of ${expected.status}: ${content.toString().slice(0, 300)}`]
  }
  const type = response.headers.get('content-type') ?? ''
  const problems =
    type === expected.contentType ? [] : [`content type "${type}" instead of "${expected.contentType}"`]
  return [...problems, ...(await contentProblems(replay, exchange, response, content))]
}

async function contentProblems(
  replay: Replay,
  exchange: Exchange,
  response: Response,
  content: Buffer,
): Promise<string[]> {
  const { body, rawBody, contentType } = exchange.response
  const expected = replay.known.apply(body)
  if (contentType === 'application/octet-stream') {
    return downloadProblems(replay, exchange, response, content)
  }
  if (rawBody !== undefined) {
    const text = replay.known.apply(rawBody)
    return sameText(text, content.toString()) ? [] : [`answers ${content} instead of ${text}`]
  }
  if (contentType !== 'application/json') return differences(expected, content.toString())
  const actual = JSON.parse(content.toString())
  if (exchange.name === 'snapshot-create' || exchange.name === 'full-snapshot') {
    learnSnapshot(replay, body as SnapshotAnswer, actual)
  }
  return differences(replay.known.apply(body), actual)
}

interface SnapshotAnswer {
  readonly result: { readonly name: string; readonly size: number; readonly checksum: string }
}

function learnSnapshot({ known }: Replay, recorded: SnapshotAnswer, actual: SnapshotAnswer): void {
  known.learn(recorded.result.name, actual.result?.name)
  known.learn(recorded.result.size, actual.result?.size)
  known.learn(recorded.result.checksum, actual.result?.checksum)
}

/** Size and checksum as announced, the announced file name, and the archive's members. */
async function downloadProblems(
  replay: Replay,
  exchange: Exchange,
  response: Response,
  content: Buffer,
): Promise<string[]> {
  const sha256 = createHash('sha256').update(content).digest('hex')
  const expected = replay.known.apply(exchange.response)
  const problems = differences(expected.body, { bytes: content.length, sha256 })
  const disposition = response.headers.get('content-disposition')
  problems.push(...differences(expected.headers['content-disposition'], disposition, 'content-disposition'))
  const full = exchange.name === 'full-download'
  if (!full) replay.snapshot = content
  const layout = await readFile(
    join(RECORDINGS, full ? 'full-snapshot-layout.txt' : 'snapshot-layout.txt'),
    'utf8',
  )
  const recorded = layout.split('\n').flatMap(line => line.trim().split(/\s+/).slice(-1))
  return [...problems, ...(await memberProblems(recorded.filter(Boolean), content))]
}

/** Members of a recorded archive that this one lacks. More are allowed (`0/wal/first-index`). */
async function memberProblems(recorded: readonly string[], archive: Buffer): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'qdrant-contract-'))
  try {
    await writeFile(join(folder, 'archive.tar'), archive)
    const listed = execFileSync('tar', ['--list', '--file', join(folder, 'archive.tar')], {
      encoding: 'utf8',
    })
    const present = listed.trim().split('\n').map(runless)
    const missing = recorded.map(runless).filter(member => !present.includes(member))
    return [...new Set(missing)].map(member => `the archive has no member ${member}`)
  } finally {
    await rm(folder, { recursive: true })
  }
}

function runless(member: string): string {
  return RUN_NAMES.reduce((name, [pattern, word]) => name.replace(pattern, word), member)
}

function headersOf(replay: Replay, { request }: Exchange): Record<string, string> {
  return {
    ...request.headers,
    ...(request.authenticated && { 'api-key': replay.apiKey }),
    ...(request.body !== undefined && !isUpload(request.path) && { 'content-type': 'application/json' }),
  }
}

function isUpload(path: string): boolean {
  return path.includes('/snapshots/upload')
}

function bodyOf(replay: Replay, { name, request }: Exchange): string | FormData | null {
  if (isUpload(request.path)) {
    const form = new FormData()
    form.set('snapshot', new Blob([new Uint8Array(uploadedFile(replay, name))]), 'c.snapshot')
    return form
  }
  if (request.body === undefined) return null
  const body = replay.known.apply(request.body)
  return typeof body === 'string' ? body : JSON.stringify(body)
}

/** The whole snapshot, or the damaged file that the exchange is about. */
function uploadedFile({ snapshot }: Replay, name: string): Buffer {
  if (name === 'upload-half') return snapshot.subarray(0, snapshot.length / 2)
  if (name === 'upload-junk' || name === 'upload-nowait') return Buffer.alloc(100_000, 'no archive at all ')
  return snapshot
}

/** `/ok` sends the snapshot, any other path is forbidden. */
async function serveFiles(replay: Replay): Promise<Server> {
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/ok' ? 200 : 403
    response.end(request.url === '/ok' ? replay.snapshot : 'forbidden')
  })
  await new Promise<void>(resolve => server.listen(0, resolve))
  return server
}

async function collections({ baseUrl, apiKey }: Replay): Promise<string[]> {
  const answer = await fetch(`${baseUrl}/collections`, { headers: { 'api-key': apiKey } })
  if (!answer.ok) return []
  const { result } = (await answer.json()) as { result: { collections: { name: string }[] } }
  return result.collections.map(({ name }) => name)
}

/** Leave the server without collections, as it was. */
async function removeCollections(replay: Replay): Promise<void> {
  for (const name of await collections(replay)) {
    const headers = { 'api-key': replay.apiKey }
    await fetch(`${replay.baseUrl}/collections/${name}`, { method: 'DELETE', headers })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [baseUrl = 'http://127.0.0.1:6333', apiKey = '', reachableAs] = process.argv.slice(2)
  const problems = await contractProblems(
    baseUrl,
    apiKey,
    reachableAs === undefined ? {} : { reachableAs: reachableAs === '-' ? null : reachableAs },
  )
  for (const problem of problems) console.log(problem)
  console.log(`${problems.length} difference(s) to the recorded answers`)
  process.exitCode = problems.length === 0 ? 0 : 1
}
