import { EXIT, type ExitCode, problemLines } from '../../lib/problem.ts'
import { mask } from '../../lib/secret.ts'
import type { Target } from '../../lib/target.ts'
import { rebuildHistory } from './history.ts'
import { applyRetention, planRetention, type RetentionPlan, retentionLines } from './retention.ts'

/** What retention would do, without doing it. */
export async function tellPlan(target: Target): Promise<ExitCode> {
  tell(await planRetention(target, Date.now(), { locked: false }))
  return EXIT.recovered
}

/** Removes what is too old and says so; whoever calls this holds the lock. */
export async function retain(target: Target): Promise<ExitCode> {
  const plan = await planRetention(target)
  tell(plan)
  await applyRetention(target, plan)
  if (plan.fates.some(fate => fate.goes)) await harmlessly(() => rebuildHistory(target))
  return EXIT.recovered
}

/** After a backup: one whose old sets cannot be removed now is a backup all the same. */
export async function retainAfterwards(target: Target): Promise<void> {
  await harmlessly(async () => {
    const plan = await planRetention(target)
    await applyRetention(target, plan)
    const going = plan.fates.filter(fate => fate.goes)
    for (const { set, why } of going) process.stdout.write(`removed ${set}, ${why}\n`)
    if (going.length > 0) await rebuildHistory(target)
  })
}

/** After a backup that failed: no set goes, but what killed runs have left behind does. */
export async function clearAfterwards(target: Target): Promise<void> {
  await harmlessly(async () => {
    const plan = await planRetention(target)
    await applyRetention(target, { ...plan, fates: [], notes: [] })
  })
}

async function harmlessly(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    for (const line of problemLines(error)) process.stderr.write(`${mask(line)}\n`)
  }
}

function tell(plan: RetentionPlan): void {
  process.stdout.write(`${retentionLines(plan).join('\n')}\n`)
}
