import { startApiServer } from './api-server.ts'
import { measureDrift } from './drift-monitor.ts'
import { startGateway } from './gateway.ts'
import { linkPackages } from './graph-service.ts'
import { learn } from './learning-engine.ts'
import { startMcpjungleGateway } from './mcpjungle-gateway.ts'
import { embedRows, reindex } from './reindex.ts'
import { readSettings, type Settings } from './settings.ts'
import { startWriter } from './writer.ts'

/** Every service of the demo platform, and what is run once in one of them; the first argument chooses. */
const ROLES: Record<string, (settings: Settings) => void> = {
  reindex: settings => void reindex(settings, process.argv[3]),
  embed: settings => void embedRows(settings),
  gateway: startGateway,
  'api-server': startApiServer,
  'mcpjungle-gateway': startMcpjungleGateway,
  'learning-engine': settings => startWriter('learning-engine', settings, learn),
  'drift-monitor': settings => startWriter('drift-monitor', settings, measureDrift),
  'graph-service': settings => startWriter('graph-service', settings, linkPackages),
}

const role = process.argv[2] ?? ''
const start = ROLES[role]
if (start) {
  const settings = readSettings(process.env)
  // The paper's platform has its front door on 8000 and everything else on 8080.
  start(role === 'gateway' && !process.env.PORT ? { ...settings, port: 8000 } : settings)
} else {
  console.error(`no such role: ${role || '(none)'}\nHINT: one of ${Object.keys(ROLES).join(', ')}`)
  process.exitCode = 64
}
