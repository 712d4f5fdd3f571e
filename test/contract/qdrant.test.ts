import { ensureImages } from '../../lab/setup/setup.ts'
import { $ } from '../../lab/shell.ts'
import { assert, describe } from '../describe.ts'
import { contractProblems } from '../lab/qdrant-contract.ts'
import { eventually } from '../poll.ts'

const NAME = `qdrant-contract-${process.pid}`
const KEY = 'contract-key'

/** A fresh server of the practice ground's image; gives the URL it answers at. */
async function startServer(): Promise<string> {
  const { images } = await ensureImages()
  const key = `QDRANT__SERVICE__API_KEY=${KEY}`
  // The replay asks the server to fetch a file from here, under the name of the host.
  const host = '--add-host=host.docker.internal:host-gateway'
  await $`docker run -d --rm --name ${NAME} ${host} -p 127.0.0.1::6333 -e ${key} ${images.QDRANT_IMAGE}`
  const port = (await $`docker port ${NAME} 6333/tcp`).stdout.trim().split(':').at(-1)
  const url = `http://127.0.0.1:${port}`
  await eventually(async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok)
  return url
}

describe('Qdrant of the practice ground', suite => {
  suite.after(async () => {
    await $`docker rm -f ${NAME}`
  })
  suite.test(
    'answers every recorded request as a real server did',
    async () => {
      const problems = await contractProblems(await startServer(), KEY, {
        reachableAs: 'host.docker.internal',
      })
      assert.equal(problems, [])
    },
    { seconds: 180 },
  )
})
