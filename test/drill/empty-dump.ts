import { docker, states } from '../../lab/ground.ts'
import type { LabTarget } from '../../lab/target.ts'

// Ends with 143: it was asked to stop.
const EMPTY = `neo4j console > /tmp/log 2>&1 & server=$!
wget -q --retry-connrefused --waitretry=1 --tries=120 -O /dev/null http://127.0.0.1:7474/
kill $server; wait $server || [ $? = 143 ]
neo4j-admin database dump neo4j --to-path=/tmp >&2 && base64 /tmp/neo4j.dump`

/** A valid dump of a database in which nothing was ever written, made by the engine itself. */
export async function emptyDump(target: LabTarget): Promise<Buffer> {
  const image = (await states(target)).find(each => each.service === 'neo4j')?.image ?? ''
  // Not without a network: Neo4j then finds no address and calls its configuration invalid (seen with 5.26.30).
  const run = ['run', '--rm', '--user', '7474:7474', '--entrypoint', 'sh']
  return Buffer.from(await docker(target, [...run, image, '-ec', EMPTY]), 'base64')
}
