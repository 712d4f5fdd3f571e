import http from 'node:http'
import type { Duplex } from 'node:stream'
import type { Command, Io } from '../../lib/command.ts'
import { connection } from '../../lib/exec.ts'
import type { Target } from '../../lib/target.ts'
import type { Access } from './client.ts'

/** The image has neither curl nor wget, but bash can open a connection (qdrant issue 4250). */
const CONNECT = 'exec 3<>/dev/tcp/127.0.0.1/6333 && { cat <&3 & cat >&3; kill $!; }'

/** Access to a Qdrant that is on no network: through a command inside its container. To be closed after use. */
export function accessApart({ runtime }: Target, container: string, io: Io): Access & { agent: http.Agent } {
  const command = runtime.execIn(container, ['bash', '-c', CONNECT], { limits: { total: 7200 } })
  const agent = new Tunnel(command, io)
  return { url: 'http://127.0.0.1:6333', apiKey: undefined, signal: io.signal, agent }
}

/** One connection, kept for all requests: each would otherwise start a process in the container. */
class Tunnel extends http.Agent {
  readonly #command: Command
  readonly #io: Io

  constructor(command: Command, io: Io) {
    super({ keepAlive: true, maxSockets: 1 })
    this.#command = command
    this.#io = io
  }

  override createConnection(_: unknown, done?: (error: Error | null, stream: Duplex) => void): undefined {
    connection(this.#command, this.#io).then(
      stream => done?.(null, stream),
      (error: Error) => done?.(error, undefined as never),
    )
  }

  // What a socket has for these, the pipes of a process have not.
  override keepSocketAlive(): boolean {
    return true
  }

  override reuseSocket(): void {}
}
