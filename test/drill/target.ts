import { type LabTarget, labTarget } from '../../lab/target.ts'

/** Name and first two digits of the ports; another pair runs a second set of drills side by side. */
const [PROJECT = '', PORTS = ''] = (process.env.DRILL_GROUND ?? 'drillground:27').split(':')

/** A practice ground of the tests' own: the ordinary one is not touched. */
export function testGround(settings: Record<string, string> = {}): LabTarget {
  return labTarget({
    ...settings,
    COMPOSE_PROJECT_NAME: PROJECT,
    PUBLISH_QDRANT: `${PORTS}333`,
    PUBLISH_NEO4J_HTTP: `${PORTS}474`,
    PUBLISH_NEO4J_BOLT: `${PORTS}687`,
    PUBLISH_POSTGRES: `${PORTS}432`,
    PUBLISH_MINIO: `${PORTS}900`,
    PUBLISH_MINIO_CONSOLE: `${PORTS}901`,
    PUBLISH_GATEWAY: `${PORTS}800`,
    PUBLISH_MCPJUNGLE: `${PORTS}880`,
    PUBLISH_PROMETHEUS: `${PORTS}909`,
    PUBLISH_ALERTMANAGER: `${PORTS}993`,
    PUBLISH_GRAFANA: `${PORTS}300`,
  })
}
