import { resolve } from 'node:path'
import { Objects } from '../lib/objects.ts'
import { badInput } from '../lib/problem.ts'
import { program } from '../runbook/perform.ts'
import { ownIo, readArguments, targetFrom } from './arguments.ts'

const HELP = `Transfers between the backup bucket and files, with digests.

  npx tsx tools/objects.ts list [prefix]
  npx tsx tools/objects.ts stat <key>                        what is known of it, as JSON; null when it is not there
  npx tsx tools/objects.ts get <key> <file> --sha256 <sum>   download and compare
  npx tsx tools/objects.ts put <file> <key>                  upload under a key that nothing has
  npx tsx tools/objects.ts verify <key> --sha256 <sum>       read back and compare, keep nothing`

await program(async () => {
  const { values, positionals } = readArguments(HELP, { sha256: { type: 'string' } })
  const [verb, first = '', second = ''] = positionals
  const target = targetFrom(values)
  const objects = new Objects(target.backups)
  const io = ownIo(target)
  const sum = values.sha256 as string | undefined
  const print = (text: string) => void process.stdout.write(`${text}\n`)
  if (verb === 'list') for (const { key, size } of await objects.list(first)) print(`${size}\t${key}`)
  else if (verb === 'stat' && first) print(JSON.stringify((await objects.find(first)) ?? null))
  else if (verb === 'get' && second && sum)
    print(`${(await objects.verify(first, sum, io, resolve(second))).sha256}  ${second}`)
  else if (verb === 'put' && second)
    print(`${(await objects.upload(resolve(first), second, io)).sha256}  ${second}`)
  else if (verb === 'verify' && first && sum)
    print(`${(await objects.verify(first, sum, io)).sha256}  ${first}`)
  else throw badInput('that is none of its forms', 'npx tsx tools/objects.ts --help')
  return undefined
})
