// A zx script of one's own that borrows one step of the runbook: after a deployment, look at the containers in
// one's own way, then ask the platform the questions of the runbook's smoke test.
//
//   npx tsx examples/smoke-test-from-zx.mjs [config]
//
// Exit code 0: everything answers. 1: a command failed. 2: a check failed. 64: the configuration is wrong.
// It is plain .mjs because `zx script.ts` does not work on Node 20; tsx is what loads the .ts files below.
import { argv, $ as zx } from 'zx'
import { loadConfig } from '../lib/config.ts'
import { Problem } from '../lib/problem.ts'
import { targetOf } from '../lib/target.ts'
import { perform, program } from '../runbook/perform.ts'
import { smokeTest } from '../steps/smoke-test.ts'

// zx leaves stdin open, in which psql and cat wait for ever, and prints every stderr: both are turned off.
const $ = zx({ quiet: true, nothrow: true, stdio: ['ignore', 'pipe', 'pipe'] })

// `program` prints what a step throws as people read it, with its HINT, and sets its exit code. Without it zx
// would end with a stack and 1, whatever the step says.
await program(async () => {
  // A target is a value: this script can reach the installation that the file names and no other.
  const target = targetOf(loadConfig(argv._[0] ?? 'runbook.config.yaml'))
  const { project } = target.runtime

  const running = await containers(project)
  console.log(`${running.length} containers of ${project} run`)

  // Every step needs the target and a run; the type of the step says what else (`QdrantBase`: a store).
  // Asking changes nothing, so no incident is opened and nothing is written into the folder.
  const facts = { target, run: { id: 'smoke-test', folder: '.' } }
  try {
    await perform(smokeTest, facts)
  } catch (problem) {
    // The step has failed as a whole; here is the place for what one does then, such as telling the others.
    console.log(`${project} runs, but is not usable; the newest of its containers: ${running[0] ?? 'none'}`)
    throw problem
  }
  console.log(`${project} is usable: ${smokeTest.summary(facts)}`)
})

/** A command of one's own: what runs of the project, newest first. */
async function containers(project) {
  const filter = `label=com.docker.compose.project=${project}`
  const output = await $`docker ps --filter ${filter} --format ${'{{.Names}} ({{.Status}})'}`
  // Read .stdout: .text() and .json() of zx mix stderr into it.
  if (output.exitCode === 0) return output.stdout.split('\n').filter(Boolean)
  throw new Problem(`docker ps ended with exit code ${output.exitCode}`, {
    hint: 'is Docker running, and may this user talk to it?',
    tail: output.stderr.trim().split('\n'),
  })
}
