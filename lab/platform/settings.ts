/** Where the stores are and how often the writers write; read once, from the environment of the container. */
export interface Settings {
  port: number
  qdrant: { url: string; apiKey: string | undefined }
  neo4j: { url: string; user: string; password: string }
  postgres: { host: string; port: number; database: string; user: string; password: string }
  apiServerUrl: string
  /** False where a drill has taken the model away. */
  modelThere: boolean
  /** Milliseconds between two writes of a writer. */
  writeIntervalMs: number
}

/** Settings from variables; the defaults are the service names and ports inside the compose network. */
export function readSettings(env: Record<string, string | undefined>): Settings {
  return {
    port: number(env.PORT, 8080),
    qdrant: { url: text(env.QDRANT_URL, 'http://qdrant:6333'), apiKey: env.QDRANT_API_KEY || undefined },
    neo4j: {
      url: text(env.NEO4J_HTTP_URL, 'http://neo4j:7474'),
      user: text(env.NEO4J_USER, 'neo4j'),
      password: text(env.NEO4J_PASSWORD, ''),
    },
    postgres: {
      host: text(env.POSTGRES_HOST, 'postgres'),
      port: number(env.POSTGRES_PORT, 5432),
      database: text(env.POSTGRES_DB, 'ai_platform'),
      user: text(env.POSTGRES_USER, 'ai_user'),
      password: text(env.POSTGRES_PASSWORD, ''),
    },
    apiServerUrl: text(env.API_SERVER_URL, 'http://api-server:8080'),
    modelThere: env.MODEL_BACKEND !== 'off',
    writeIntervalMs: number(env.WRITE_INTERVAL_MS, 2000),
  }
}

/** Compose passes an unset variable as an empty string, so empty counts as absent. */
function text(value: string | undefined, fallback: string): string {
  return value || fallback
}

function number(value: string | undefined, fallback: number): number {
  const n = Number(value)
  return value && Number.isFinite(n) && n > 0 ? n : fallback
}
