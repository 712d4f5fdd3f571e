import { compose, docker, until } from '../ground.ts'
import { type LabTarget, settingsOf } from '../target.ts'

/**
 * Stops Neo4j, runs a shell script in a container of its own on the same volume, and starts Neo4j again. The
 * script is run as root, as an accident is.
 */
export async function changeStore(target: LabTarget, script: string): Promise<void> {
  // Long enough for a checkpoint: what a kill would leave is another fault than the one asked for.
  await compose(target, 'stop', '-t', '300', 'neo4j')
  try {
    const run = ['run', '--rm', '--no-deps', '-T', '--user', '0', '--entrypoint', 'sh', 'neo4j']
    await compose(target, ...run, '-c', `set -eu\n${script}`)
  } finally {
    await compose(target, 'start', 'neo4j')
  }
}

/** The state of the graph's database in the words of the server; undefined while it does not answer. */
export async function databaseStatus(target: LabTarget): Promise<string | undefined> {
  const { url, user, password } = settingsOf(target).neo4j
  const statement = 'SHOW DATABASE neo4j YIELD currentStatus'
  // A timer of one's own: that of AbortSignal.timeout lets the process end while it waits.
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), 10_000)
  try {
    // The database `system` answers whatever state the graph is in.
    const answer = await fetch(`${url}/db/system/tx/commit`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ statements: [{ statement }] }),
      signal: controller.signal,
    })
    return ((await answer.json()) as Answer).results?.[0]?.data[0]?.row[0]
  } catch {
    return undefined
  } finally {
    clearTimeout(timer)
  }
}

interface Answer {
  results?: { data: { row: [string] }[] }[]
}

export async function waitForStatus(target: LabTarget, wanted: 'online' | 'offline'): Promise<void> {
  await until(`the database of neo4j is ${wanted}`, 180, async () => {
    const status = await databaseStatus(target)
    return status === wanted ? status : undefined
  })
}

/** A server that cannot open its own `system` ends at every start. */
export async function waitUntilItEnds(target: LabTarget): Promise<void> {
  const id = await compose(target, 'ps', '-a', '-q', 'neo4j')
  await until('neo4j ends at its start', 180, async () => {
    const restarts = await docker(target, ['inspect', '--format', '{{.RestartCount}}', id])
    return Number(restarts) > 0 || undefined
  })
}
