import { KEY, openTerminal, type Terminal } from '../../pty.ts'
import type { Ready } from '../ground.ts'

/** A second person's terminal, at a tool of the repository. */
export function secondTerminal({ target }: Ready, tool: string, args: readonly string[] = []): Terminal {
  const env = { ...target.env, COMPOSE_PROJECT_NAME: target.project }
  return openTerminal(['npx', 'tsx', tool, ...args], { cwd: target.root, env })
}

/** Reads the question about this write and types what is expected of it. */
export async function predict(navigator: Terminal, say: string, expects: string): Promise<void> {
  await navigator.sees(`! ${say}`)
  await navigator.sees('What do you expect to see afterwards')
  navigator.type(expects + KEY.enter)
}
