import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Secret } from '../lib/secret.ts'
import type { Bucket } from '../lib/target.ts'

/** What goes wrong at the server: the code of an S3 error, or what it does to a download. */
export type Trouble = 'cut' | 'silent' | 'bit' | { status: number; code: string }

/** One bucket in memory, behind the few requests of S3 that the client makes. */
export class FakeS3 {
  readonly objects = new Map<string, Buffer>()
  readonly requests: string[] = []
  /** What uploaders said of their objects. */
  readonly digests = new Map<string, string>()
  /** Keys of uploads that somebody began and never ended. */
  readonly halfUploads = new Set<string>()
  /** MinIO tells of a half upload only who asks for its very key. */
  likeMinio = false
  /** Keys that are held; undefined for a bucket without object lock. */
  held: Set<string> | undefined
  /** Whether it keeps what is overwritten; it only says so. */
  versioned = false
  trouble: Trouble | undefined
  /** How often the trouble shows before it is over. */
  times = Number.POSITIVE_INFINITY
  readonly #server = createServer((request, response) => void this.#answer(request, response))

  async start(): Promise<Bucket> {
    await new Promise<void>(listening => this.#server.listen(0, '127.0.0.1', listening))
    return bucketAt(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`)
  }

  stop(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://fake')
    const key = decodeURIComponent(url.pathname).split('/').slice(2).join('/')
    this.requests.push(`${request.method} ${url.pathname}`)
    if (url.searchParams.has('location')) return xml(response, 200, '<LocationConstraint/>')
    if (typeof this.trouble === 'object' && this.#troubled()) {
      const { status, code } = this.trouble
      return xml(response, status, `<Error><Code>${code}</Code><Message>${code}</Message></Error>`)
    }
    if (url.searchParams.has('object-lock') || url.searchParams.has('legal-hold'))
      return this.#lock(request, response, key)
    if (url.searchParams.has('versioning')) return xml(response, 200, this.#versioning())
    if (request.method === 'DELETE') return this.#delete(response, key, url.searchParams.has('uploadId'))
    if (url.searchParams.has('uploads')) return xml(response, 200, this.#uploads(url.searchParams))
    if (url.searchParams.has('uploadId'))
      return xml(response, 200, '<ListPartsResult><IsTruncated>false</IsTruncated></ListPartsResult>')
    if (request.method === 'PUT') return this.#put(request, response, key)
    if (url.searchParams.has('versions')) return xml(response, 200, this.#versions())
    if (key === '') return xml(response, 200, this.#list(url.searchParams.get('prefix') ?? ''))
    const object = this.objects.get(key)
    if (!object) return xml(response, 404, '<Error><Code>NoSuchKey</Code></Error>')
    const digest = this.digests.get(key)
    if (digest) response.setHeader('x-amz-meta-sha256', digest)
    this.#give(request, response, object)
  }

  #give(request: IncomingMessage, response: ServerResponse, object: Buffer): void {
    response.setHeader('content-length', object.length)
    response.setHeader('etag', `"${createHash('md5').update(object).digest('hex')}"`)
    response.setHeader('last-modified', new Date().toUTCString())
    if (request.method === 'HEAD') return void response.end()
    if (typeof this.trouble !== 'string' || !this.#troubled()) return void response.end(object)
    if (this.trouble === 'bit') return void response.end(flipped(object))
    response.write(object.subarray(0, object.length / 2), () => {
      if (this.trouble === 'cut') response.destroy()
    })
  }

  async #put(request: IncomingMessage, response: ServerResponse, key: string): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    if (request.headers['if-none-match'] === '*' && this.objects.has(key)) {
      return xml(response, 412, '<Error><Code>PreconditionFailed</Code></Error>')
    }
    this.objects.set(key, Buffer.concat(chunks))
    const digest = request.headers['x-amz-meta-sha256']
    if (digest) this.digests.set(key, String(digest))
    response.setHeader('etag', '"0"')
    response.end()
  }

  async #lock(request: IncomingMessage, response: ServerResponse, key: string): Promise<void> {
    if (!this.held)
      return xml(response, 404, '<Error><Code>ObjectLockConfigurationNotFoundError</Code></Error>')
    let said = ''
    for await (const chunk of request) said += chunk
    if (request.method === 'PUT') {
      if (said.includes('<Status>ON</Status>')) this.held.add(key)
      else this.held.delete(key)
    }
    const hold = `<LegalHold><Status>${this.held.has(key) ? 'ON' : 'OFF'}</Status></LegalHold>`
    const lock =
      '<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>'
    xml(response, 200, key === '' ? lock : hold)
  }

  #delete(response: ServerResponse, key: string, upload: boolean): void {
    if (upload) this.halfUploads.delete(key)
    else this.objects.delete(key)
    response.writeHead(204).end()
  }

  #versioning(): string {
    const status = this.versioned ? '<Status>Enabled</Status>' : ''
    return `<VersioningConfiguration>${status}</VersioningConfiguration>`
  }

  /** As of a bucket without versions: what is there, and nothing that was. */
  #versions(): string {
    const items = [...this.objects.keys()].map(
      key => `<Version><Key>${key}</Key><VersionId>null</VersionId><IsLatest>true</IsLatest></Version>`,
    )
    return `<ListVersionsResult><IsTruncated>false</IsTruncated>${items.join('')}</ListVersionsResult>`
  }

  #uploads(query: URLSearchParams): string {
    const prefix = query.get('prefix') ?? ''
    const found = [...this.halfUploads].filter(key =>
      this.likeMinio ? key === prefix : key.startsWith(prefix),
    )
    const items = found.map(key => `<Upload><Key>${key}</Key><UploadId>id</UploadId></Upload>`)
    return `<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>${items.join('')}</ListMultipartUploadsResult>`
  }

  #list(prefix: string): string {
    const found = [...this.objects].filter(([key]) => key.startsWith(prefix)).sort()
    const items = found.map(
      ([key, { length }]) => `<Contents><Key>${key}</Key><Size>${length}</Size></Contents>`,
    )
    return `<ListBucketResult><IsTruncated>false</IsTruncated>${items.join('')}</ListBucketResult>`
  }

  #troubled(): boolean {
    return this.times-- > 0
  }
}

/** The bucket of a server at this address. */
export function bucketAt(endpoint: string): Bucket {
  return {
    endpoint,
    service: 'minio',
    bucket: 'backups',
    accessKey: new Secret('FAKE_ACCESS_KEY', 'fake-access-key'),
    secretKey: new Secret('FAKE_SECRET_KEY', 'fake-secret-key'),
  }
}

/** The same bytes with one bit changed in the middle. */
export function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes)
  const middle = copy.length >> 1
  copy[middle] = copy[middle]! ^ 1
  return copy
}

function xml(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' })
  response.end(`<?xml version="1.0"?>${body}`)
}
