import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { createRequire } from 'node:module'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { BucketItem, Client, ClientOptions } from 'minio'
import type { Progress } from './command.ts'
import { EXIT, messageOf, Problem } from './problem.ts'
import type { Bucket } from './target.ts'

/** What is known of one object. `sha256` is what its uploader said, in the object's metadata. */
export interface ObjectStat {
  key: string
  size: number
  etag: string
  sha256: string | undefined
}

/** One version of an object; `marker` is what a removal leaves in a bucket with versions. */
export interface ObjectVersion {
  key: string
  version: string
  latest: boolean
  marker: boolean
  /** Milliseconds. */
  modified: number
}

/** What the client gives for each and its types do not say. */
interface ListedVersion {
  name: string
  versionId?: string
  isLatest?: boolean | string
  isDeleteMarker?: boolean
  lastModified: string | Date
}

export interface Transfer {
  signal: AbortSignal
  progress: (p: Progress) => void
}

/** An answer that does not come within this many seconds does not come: the client would wait for ever. */
const ANSWER_SECONDS = 20

/** What servers say that do not know what they are asked for. */
const NOT_KNOWN = ['NotImplemented', 'MethodNotAllowed']

/** What servers say of a bucket without object lock, and those that have none at all. */
const NO_LOCK = [
  'ObjectLockConfigurationNotFoundError',
  'ObjectLockConfigurationNotFound',
  'NoSuchObjectLockConfiguration',
  'InvalidBucketState',
  ...NOT_KNOWN,
]

/**
 * As CommonJS: each of its hundred files is looked at by the hooks of tsx when it is imported, which takes three times
 * as long (0.42 instead of 0.14 processor seconds, minio 8.0.7 and tsx 4.23 on Node 20).
 */
function loadClient(): typeof Client {
  return (createRequire(import.meta.url)('minio') as { Client: typeof Client }).Client
}

/** The objects of one bucket. Every failure is a Problem that says what to do. */
export class Objects {
  readonly #options: ClientOptions
  #made: Client | undefined
  readonly #bucket: Bucket
  readonly #answerMs: number
  readonly #agent: HttpAgent | HttpsAgent

  /** `answerSeconds`: how long to wait for an answer, and for the next bytes of a transfer. */
  constructor(bucket: Bucket, { answerSeconds = ANSWER_SECONDS }: { answerSeconds?: number } = {}) {
    this.#answerMs = answerSeconds * 1000
    const url = new URL(bucket.endpoint)
    this.#bucket = bucket
    this.#agent = url.protocol === 'https:' ? new HttpsAgent() : new HttpAgent()
    this.#options = {
      transportAgent: this.#agent,
      endPoint: url.hostname,
      port: Number(url.port || (url.protocol === 'https:' ? 443 : 80)),
      useSSL: url.protocol === 'https:',
      accessKey: bucket.accessKey.reveal(),
      secretKey: bucket.secretKey.reveal(),
      // 8 MiB parts keep the process under 165 MB whatever the object's size; the default buffers 528 MiB.
      partSize: 8 * 1024 * 1024,
    }
  }

  /** Made by the first question: loading it takes a seventh of a second, which --help and --plan need not wait for. */
  get #client(): Client {
    this.#made ??= new (loadClient())(this.#options)
    return this.#made
  }

  /** The keys under a prefix, in the bucket's order. */
  async list(prefix: string): Promise<{ key: string; size: number }[]> {
    return this.#answer(`list ${prefix}`, async () => {
      const found: { key: string; size: number }[] = []
      const items: AsyncIterable<BucketItem> = this.#client.listObjectsV2(this.#bucket.bucket, prefix, true)
      for await (const item of items) if (item.name) found.push({ key: item.name, size: item.size })
      return found
    })
  }

  async stat(key: string): Promise<ObjectStat> {
    return this.#answer(`look at ${key}`, async () => {
      const found = await this.#client.statObject(this.#bucket.bucket, key)
      const sha256 = (found.metaData as Record<string, string>).sha256
      return { key, size: found.size, etag: found.etag, sha256 }
    })
  }

  /** Like stat, but an object that does not exist is an answer. */
  async find(key: string): Promise<ObjectStat | undefined> {
    try {
      return await this.stat(key)
    } catch (error) {
      const code = ((error as Problem).cause as { code?: string } | undefined)?.code
      if (code === 'NotFound' || code === 'NoSuchKey') return undefined
      throw error
    }
  }

  /** Reads an object back and compares its digest; once more when it differs, as a transfer can fail too. */
  async verify(key: string, sha256: string, transfer: Transfer, file?: string): Promise<Digest> {
    const first = await this.download(key, file, transfer)
    const got = first.sha256 === sha256 ? first : await this.download(key, file, transfer)
    if (got.sha256 === sha256) return got
    throw new Problem(
      `the object ${key} is not what was backed up: sha256 ${got.sha256.slice(0, 12)}…, expected ${sha256.slice(0, 12)}…`,
      {
        exitCode: EXIT.checkFailed,
        hint: 'two downloads gave wrong bytes, so the object itself is damaged: choose the next older backup',
      },
    )
  }

  /** A small object as text. */
  async text(key: string): Promise<string> {
    return this.#answer(`read ${key}`, async () => {
      const chunks: Buffer[] = []
      for await (const chunk of await this.#client.getObject(this.#bucket.bucket, key)) chunks.push(chunk)
      return Buffer.concat(chunks).toString('utf8')
    })
  }

  /** Downloads to a file, or nowhere, and gives the sha256 and size of the bytes that arrived. */
  async download(key: string, file: string | undefined, transfer: Transfer): Promise<Digest> {
    const { size } = await this.stat(key)
    const source = await this.#answer(`read ${key}`, async () =>
      this.#client.getObject(this.#bucket.bucket, key),
    )
    const idle = idleLimit(transfer.signal, this.#answerMs)
    const digest = new Digester(size, transfer.progress, idle.touch)
    try {
      if (file) await pipeline(source, digest, createWriteStream(file), { signal: idle.signal })
      else await pipeline(source, digest, drain(), { signal: idle.signal })
    } catch (error) {
      throw transfer.signal.aborted
        ? error
        : this.#explain(`download ${key}`, idle.signal.aborted ? idle.signal.reason : error)
    } finally {
      idle.stop()
    }
    if (digest.size !== size) {
      throw new Problem(`the download of ${key} ended after ${digest.size} of ${size} bytes`, {
        hint: 'try once more; if it ends at the same place, the object is damaged: take the next set',
      })
    }
    return digest.result()
  }

  /**
   * Stores a finished file under a key that must not exist yet. The digest is taken on the way, stored
   * with the object and compared with what arrived.
   */
  async upload(file: string, key: string, transfer: Transfer): Promise<Digest> {
    const { size } = await stat(file)
    const local = await digestOf(file)
    const idle = idleLimit(transfer.signal, this.#answerMs)
    const digest = new Digester(size, transfer.progress, idle.touch)
    const source = createReadStream(file)
      .on('error', error => digest.destroy(error))
      .pipe(digest)
    try {
      await Promise.race([
        this.#client.putObject(this.#bucket.bucket, key, source, size, {
          'If-None-Match': '*',
          'X-Amz-Meta-Sha256': local.sha256,
        }),
        idle.failure,
      ])
    } catch (error) {
      source.destroy()
      await this.#client.removeIncompleteUpload(this.#bucket.bucket, key).catch(() => undefined)
      throw transfer.signal.aborted ? error : this.#explain(`upload ${key}`, error)
    } finally {
      idle.stop()
    }
    const arrived = await this.stat(key)
    if (arrived.size !== size)
      throw new Problem(`${key} has ${arrived.size} bytes after an upload of ${size}`)
    return local
  }

  /** Writes a small object exactly once: an existing key is refused by the server. */
  async putOnce(key: string, text: string): Promise<void> {
    await this.#answer(`write ${key}`, async () =>
      this.#client.putObject(this.#bucket.bucket, key, text, Buffer.byteLength(text), {
        'If-None-Match': '*',
        'Content-Type': 'application/json',
      }),
    )
  }

  /** Removes one object of our own making, such as the mark of an open incident. */
  async remove(key: string): Promise<void> {
    await this.#answer(`remove ${key}`, async () => this.#client.removeObject(this.#bucket.bucket, key))
  }

  /** Every version of every object, the markers of removed ones too; without versioning one of each. */
  async versions(): Promise<ObjectVersion[]> {
    return this.#answer('list the versions', async () => {
      const found: ObjectVersion[] = []
      const items: AsyncIterable<ListedVersion> = this.#client.listObjects(this.#bucket.bucket, '', true, {
        IncludeVersion: true,
      }) as unknown as AsyncIterable<ListedVersion>
      for await (const { name, versionId, isLatest, isDeleteMarker, lastModified } of items) {
        const latest = isLatest === undefined || `${isLatest}` === 'true'
        const modified = new Date(lastModified).getTime()
        found.push({ key: name, version: versionId ?? '', latest, marker: Boolean(isDeleteMarker), modified })
      }
      return found
    })
  }

  /** Removes one version for good. Refused by the server while it is locked. */
  async purge({ key, version }: Pick<ObjectVersion, 'key' | 'version'>): Promise<void> {
    await this.#answer(`remove a version of ${key}`, async () =>
      this.#client.removeObject(this.#bucket.bucket, key, { versionId: version }),
    )
  }

  /**
   * Keys of uploads that were begun and never ended. MinIO names them only to who asks for the very key, and
   * clears them itself after a day (stale_uploads_expiry); other servers keep them for ever.
   */
  async halfUploads(prefix = ''): Promise<string[]> {
    return this.#answer('list half uploads', async () => {
      const found = new Set<string>()
      const { bucket } = this.#bucket
      for await (const { key } of this.#client.listIncompleteUploads(bucket, prefix, true)) found.add(key)
      return [...found]
    })
  }

  /** All of that key: a run that is tried again begins another one. */
  async dropHalfUpload(key: string): Promise<void> {
    for (let left = 10; left > 0 && (await this.halfUploads(key)).includes(key); left--)
      await this.#answer(`drop the half upload of ${key}`, () =>
        this.#client.removeIncompleteUpload(this.#bucket.bucket, key),
      )
  }

  /** Whether what is overwritten or removed stays in the bucket as an older version; a server may not know such a thing. */
  async keepsVersions(): Promise<boolean> {
    try {
      return await this.#answer('see whether the bucket keeps versions', async () => {
        // The client's type has it in lower case, its answer does not.
        const found: { Status?: string } = await this.#client.getBucketVersioning(this.#bucket.bucket)
        return found.Status === 'Enabled'
      })
    } catch (error) {
      if (NOT_KNOWN.includes(codeOf(error))) return false
      throw error
    }
  }

  /** Whether the bucket has object lock; a server that does not know such a thing has none. */
  async canHold(): Promise<boolean> {
    try {
      await this.#answer('see whether the bucket has object lock', async () =>
        this.#client.getObjectLockConfig(this.#bucket.bucket),
      )
      return true
    } catch (error) {
      if (NO_LOCK.includes(codeOf(error))) return false
      throw error
    }
  }

  /** Keeps an object from being removed for good by anybody, or no longer. Its bucket must have object lock. */
  async hold(key: string, held: boolean): Promise<void> {
    // The client's own constants; its package exports their type only.
    const status = (held ? 'ON' : 'OFF') as never
    await this.#answer(`${held ? 'hold' : 'let go of'} ${key}`, async () =>
      this.#client.setObjectLegalHold(this.#bucket.bucket, key, { status }),
    )
  }

  async isHeld(key: string): Promise<boolean> {
    return this.#answer(`see whether ${key} is held`, async () => {
      const found: unknown = await this.#client.getObjectLegalHold(this.#bucket.bucket, key)
      return (found as { Status?: string }).Status === 'ON'
    })
  }

  /** Makes the bucket, with versions and object lock, when it is not there. */
  async ensureBucket(): Promise<void> {
    await this.#answer('make the bucket', async () => {
      if (await this.#client.bucketExists(this.#bucket.bucket)) return
      await this.#client.makeBucket(this.#bucket.bucket, '', { ObjectLocking: true })
    })
  }

  async #answer<T>(what: string, ask: () => Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Late()), this.#answerMs)
    })
    try {
      return await Promise.race([ask(), late])
    } catch (error) {
      throw this.#explain(what, error)
    } finally {
      clearTimeout(timer)
    }
  }

  #explain(what: string, error: unknown): Problem {
    if (error instanceof Problem) return error
    const { endpoint, service, bucket, accessKey, secretKey } = this.#bucket
    const logs = service ? `look at docker compose logs ${service}` : 'look at the log of that server'
    // A socket that waits for ever would keep the program alive after it has said so.
    if (error instanceof Late) this.#agent.destroy()
    const code = (error as { code?: string }).code ?? (error instanceof Late ? 'LATE' : '')
    const known: Record<string, [string, string]> = {
      ECONNREFUSED: [
        `MinIO does not answer at ${endpoint}`,
        service ? `start it: docker compose up -d --no-recreate ${service}` : 'ask those who run that server',
      ],
      LATE: [
        `MinIO at ${endpoint} accepts connections but does not answer`,
        `${logs}; it may be paused, starting, or its disk full`,
      ],
      InvalidAccessKeyId: [
        `MinIO does not know the access key of ${accessKey.name}`,
        `correct ${accessKey.name}`,
      ],
      SignatureDoesNotMatch: [
        `MinIO refuses the secret key of ${secretKey.name}`,
        `correct ${secretKey.name}`,
      ],
      NoSuchBucket: [
        `there is no bucket "${bucket}"`,
        'correct backups.bucket, or make the bucket and its first backup',
      ],
      NotFound: [
        `there is no such object (to ${what})`,
        'list what there is: npx tsx tools/restore-backup.ts --list',
      ],
      NoSuchKey: [
        `there is no such object (to ${what})`,
        'list what there is: npx tsx tools/restore-backup.ts --list',
      ],
      PreconditionFailed: [
        `the object exists already (to ${what})`,
        'objects are written once and never replaced',
      ],
    }
    const [message, hint] = known[code] ?? [`could not ${what}: ${messageOf(error)}`, logs]
    return new Problem(message, { hint, cause: error })
  }
}

class Late extends Error {}

export interface Digest {
  sha256: string
  size: number
}

/** Counts and hashes the bytes that pass. */
class Digester extends Transform {
  size = 0
  readonly #hash = createHash('sha256')
  readonly #total: number
  readonly #progress: Transfer['progress']
  readonly #passed: () => void

  constructor(total: number, progress: Transfer['progress'], passed: () => void) {
    super()
    this.#total = total
    this.#progress = progress
    this.#passed = passed
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: (error: null, chunk: Buffer) => void): void {
    this.size += chunk.length
    this.#hash.update(chunk)
    this.#passed()
    this.#progress({ done: this.size, total: this.#total, unit: 'bytes' })
    done(null, chunk)
  }

  result(): Digest {
    return { sha256: this.#hash.digest('hex'), size: this.size }
  }
}

/** sha256 and size of a file, in constant memory. */
export async function digestOf(file: string): Promise<Digest> {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of createReadStream(file)) {
    hash.update(chunk)
    size += chunk.length
  }
  return { sha256: hash.digest('hex'), size }
}

function drain(): Transform {
  return new Transform({
    transform(_chunk, _encoding, done) {
      done()
    },
  }).resume()
}

/** What the server called its refusal; empty when there was none. */
function codeOf(error: unknown): string {
  return ((error as Problem).cause as { code?: string } | undefined)?.code ?? ''
}

/** Fails when nothing moved for `ms` milliseconds: the client itself has no such limit. */
function idleLimit(outer: AbortSignal, ms: number) {
  const controller = new AbortController()
  let fail: (error: unknown) => void = () => undefined
  const failure = new Promise<never>((_, reject) => {
    fail = reject
  })
  failure.catch(() => undefined)
  const end = (error: unknown) => {
    controller.abort(error)
    fail(error)
  }
  const onAbort = () => end(outer.reason)
  outer.addEventListener('abort', onAbort, { once: true })
  const timer = setTimeout(() => end(new Late()), ms)
  return {
    signal: controller.signal,
    failure,
    touch: () => void timer.refresh(),
    stop() {
      clearTimeout(timer)
      outer.removeEventListener('abort', onAbort)
    },
  }
}
