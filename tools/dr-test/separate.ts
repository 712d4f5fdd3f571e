import { badInput } from '../../lib/problem.ts'
import type { Layout } from '../../lib/runtime.ts'
import type { Bucket, Store, Target } from '../../lib/target.ts'

/** One side of the comparison: a target, and its compose project as Docker resolves it. */
export interface Side {
  target: Target
  layout: Layout
}

/** Ends of the name of a project that may be removed with its volumes. */
export const SUFFIX = '-drtest'

/**
 * Refuses a test that could touch the real installation. Throws a Problem (exit 64) with every overlap: project,
 * volumes, addresses, credentials.
 */
export function requireSeparate(real: Side, test: Side): void {
  const found = overlaps(real, test)
  if (found.length === 0) return
  throw badInput(
    `the test is not apart from ${real.target.runtime.project}:\n${found.map(line => `  ${line}`).join('\n')}`,
    'give it a project, volumes, ports and credentials of its own: runbook.test.yaml and docker-compose.test.yaml',
  )
}

export function overlaps(real: Side, test: Side): string[] {
  const { project } = test.target.runtime
  const named = project.endsWith(SUFFIX) ? [] : [`the project "${project}" does not end with ${SUFFIX}`]
  const same = project === real.target.runtime.project ? [`both are the project "${project}"`] : []
  const volumes = common(real.layout.volumes, test.layout.volumes).map(name => `both have the volume ${name}`)
  const addresses = common(addressesOf(real.target), addressesOf(test.target)).map(
    at => `both are reached at ${at}`,
  )
  const binds = common(writable(real.layout), writable(test.layout)).map(
    at => `both write to ${at} of the host`,
  )
  const ports = common(real.layout.ports, test.layout.ports).map(port => `both publish the port ${port}`)
  const server = test.target.backups.service ? [] : ['the test has no server for a bucket of its own']
  const secrets = sharedSecrets(real.target, test.target)
  return [...named, ...same, ...volumes, ...binds, ...ports, ...addresses, ...server, ...secrets]
}

/** Directories of the host that services write to; a file that both only read harms neither. */
function writable({ binds }: Layout): string[] {
  return Object.values(binds)
    .flat()
    .filter(({ readOnly }) => !readOnly)
    .map(({ volume }) => volume)
}

function addressesOf({ stores, backups, replica, smokeTests }: Target): string[] {
  const urls = Object.values(stores).flatMap(store => (store.kind === 'qdrant' ? [store.url] : []))
  const asked = smokeTests.requests.map(({ url }) => url)
  return [...urls, backups.endpoint, replica?.endpoint ?? '', ...asked].filter(Boolean).map(hostAndPort)
}

/** 127.0.0.1 and localhost are one machine. */
function hostAndPort(url: string): string {
  const { hostname, port, protocol } = new URL(url)
  const host = /^(127\.|localhost$|\[?::1)/.test(hostname) ? 'localhost' : hostname
  return `${host}:${port || (protocol === 'https:' ? '443' : '80')}`
}

/** A password that fits both doors opens the wrong one some day. */
function sharedSecrets(real: Target, test: Target): string[] {
  const known = new Set(secretsOf(real).map(({ value }) => value))
  return secretsOf(test)
    .filter(({ value }) => known.has(value))
    .map(({ of }) => `both have the same ${of}`)
}

function secretsOf({ stores, backups, replica }: Target): { of: string; value: string }[] {
  const buckets = [backups, ...(replica ? [replica] : [])]
  const all = [...Object.values(stores).flatMap(ofStore), ...buckets.flatMap(ofBucket)]
  return all.filter(({ value }) => value !== '')
}

function ofBucket({ accessKey, secretKey }: Bucket): { of: string; value: string }[] {
  return [
    { of: 'access key for the bucket', value: accessKey.reveal() },
    { of: 'password for the bucket', value: secretKey.reveal() },
  ]
}

function ofStore(store: Store): { of: string; value: string }[] {
  const secret = store.kind === 'qdrant' ? store.apiKey : store.password
  return secret ? [{ of: `password for ${store.name}`, value: secret.reveal() }] : []
}

function common(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set(a)].filter(one => b.includes(one))
}
