import { spawn } from 'node:child_process'
import type { LabTarget } from '../../lab/target.ts'

/** Runs a script as a person would, with the secrets in the environment. */
export async function shell(
  { root, env }: LabTarget,
  file: string,
): Promise<{ exitCode: number; printed: string }> {
  const child = spawn('sh', [file], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', chunk => {
      printed += chunk
    })
  }
  return await new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', code => resolve({ exitCode: code ?? 1, printed }))
  })
}
