import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../lab/drills/program.ts'
import { prove } from '../../lab/drills/proof.ts'
import { rightAnswer } from '../../lab/drills/script.ts'
import { faultNamed } from '../../lab/faults/faults.ts'
import type { LabTarget } from '../../lab/target.ts'
import { assert, describe } from '../describe.ts'
import { onGround, type Ready } from './ground.ts'
import { damagePostgres, POSTGRES_LOSS } from './postgres-ground.ts'
import { last } from './said.ts'
import { shell } from './shell.ts'

const LIMIT = { seconds: 600 }

describe('a recovery by hand', suite => {
  const ready = onGround(suite)
  suite.test('the script of --plan --shell alone brings PostgreSQL back', () => byHand(ready()), LIMIT)
})

async function byHand(ready: Ready): Promise<void> {
  const { target, before } = ready
  const { fault, victim, after } = await damagePostgres(ready, faultNamed('tables-emptied'))
  const plan = await run(target, POSTGRES_LOSS, ['--plan', '--shell', '--set', 'backup=latest'])
  assert.is(plan.exitCode, 0, last(plan))
  const folder = /^mkdir -p (incidents\/\S+)$/m.exec(plan.stdout)?.[1]
  assert.ok(folder, 'the script must make its folder')
  try {
    const ended = await typed(target, plan.stdout)
    assert.is(ended.exitCode, 0, ended.printed.slice(-2000))
    const incident = join(target.root, folder!)
    const right = rightAnswer(fault, 'documents')
    const claims = await prove(target, { fault, victim, right, before, after, scale: 1, incident })
    assert.equal(
      claims.filter(claim => !claim.holds).map(({ say, seen }) => `${say} (${seen})`),
      [],
    )
  } finally {
    rmSync(join(target.root, folder!), { recursive: true, force: true })
  }
}

async function typed(target: LabTarget, text: string) {
  const dir = mkdtempSync(join(tmpdir(), 'by-hand-'))
  const file = join(dir, 'recover.sh')
  writeFileSync(file, text)
  try {
    return await shell(target, file)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
