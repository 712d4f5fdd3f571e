import { createServer } from 'node:http'
import { loadConfig } from '../lib/config.ts'
import { EXIT, messageOf } from '../lib/problem.ts'
import { mask } from '../lib/secret.ts'
import { type Target, targetOf } from '../lib/target.ts'
import { program } from '../runbook/perform.ts'
import { listenAt, readArguments } from './arguments.ts'
import { families } from './metrics/families.ts'
import { type BucketSeen, lookAtBucket } from './metrics/seen.ts'
import { metricsText } from './metrics/text.ts'

const HELP = `Tells Prometheus how old, large and proven the backups are, at /metrics. It reads the bucket and nothing else:
no Docker and no database, so it goes on when the platform does not.

  npx tsx tools/exporter.ts [--listen host:port] [--config file]   127.0.0.1:9469 unless told otherwise
  npx tsx tools/exporter.ts --once                                 print the metrics and end

It needs the keys of the bucket, and no password of a store.`

/** A bucket of a year is read in a second; who scrapes more often gets the same answer. */
const FRESH_MS = 15_000

await program(async () => {
  const { values } = readArguments(HELP, { listen: { type: 'string' }, once: { type: 'boolean' } })
  const config = loadConfig(values.config ?? 'runbook.config.yaml', process.env, { passwords: false })
  const target = targetOf(config)
  const metrics = answers(target)
  if (values.once) {
    process.stdout.write((await metrics()).text)
    return EXIT.recovered
  }
  const listen = values.listen ?? '127.0.0.1:9469'
  const server = createServer(async (request, response) => {
    if (request.url === '/health') return void response.end('{"status":"healthy","service":"exporter"}\n')
    if (request.url !== '/metrics') return void response.writeHead(404).end()
    const { type, text } = await metrics()
    response.writeHead(200, { 'content-type': type }).end(text)
  })
  await listenAt(server, listen)
  process.stdout.write(`metrics of ${target.runtime.project} at http://${listen}/metrics\n`)
  await new Promise<void>(ended => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => ended())
  })
  server.close()
  server.closeAllConnections()
  return EXIT.recovered
})

/** Looks at the bucket at most every FRESH_MS, once for all who ask meanwhile. */
function answers(target: Target) {
  let [at, seen] = [Number.NEGATIVE_INFINITY, Promise.resolve<BucketSeen | undefined>(undefined)]
  return async () => {
    if (Date.now() - at > FRESH_MS) {
      at = Date.now()
      seen = lookAtBucket(target).catch(error => {
        process.stderr.write(`the bucket cannot be read: ${mask(messageOf(error))}\n`)
        return undefined
      })
    }
    return metricsText(families(target, await seen, Date.now()))
  }
}
