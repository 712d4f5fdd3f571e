import type { Ended } from '../../lab/drills/program.ts'

/** The end of what a program said, for the message of a failed assertion. */
export function last({ exitCode, stdout, stderr }: Ended): string {
  const tail = (text: string) => text.trim().split('\n').slice(-12).join('\n')
  return `exit code ${exitCode}\n${tail(stdout)}\n${tail(stderr)}`
}
