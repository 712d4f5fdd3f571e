import { readFileSync } from 'node:fs'

/** Version of this tool, as package.json has it; written into every incident. */
export const VERSION: string = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version
