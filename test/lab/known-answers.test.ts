import { embed } from '../../lab/platform/embedding.ts'
import { readCorpus } from '../../lab/seed/corpus.ts'
import { makeDataset } from '../../lab/seed/dataset.ts'
import { knownAnswers, knownCounts } from '../../lab/seed/known-answers.ts'
import { loadConfig } from '../../lib/config.ts'
import { targetOf } from '../../lib/target.ts'
import { cosine } from '../../stores/vectors.ts'
import { assert, describe } from '../describe.ts'

const SECRETS = { NEO4J_PASSWORD: '-', POSTGRES_PASSWORD: '-', MINIO_ACCESS_KEY: '-', MINIO_SECRET_KEY: '-' }

describe('the smoke tests of the practice ground', suite => {
  const corpus = readCorpus('.')
  /** Of the corpus, and then as often of a copy of it. */
  const passages = [...makeDataset(corpus, 2).chunks()].map(({ text, document }) => ({
    title: document.title,
    vector: embed(text),
  }))
  const original = passages.length / 2
  const env = { ...SECRETS, DRTEST_ACCESS_KEY: '-', DRTEST_PASSWORD: '-' }
  for (const file of ['runbook.config.yaml', 'runbook.test.yaml']) {
    const { requests } = targetOf(loadConfig(file, env, { envFile: false })).smokeTests

    suite.test(`${file}: each known document holds the answer, and no other has its title`, () => {
      const asked = requests.filter(({ expect }) => expect.document)
      assert.ok(asked.length > 0)
      for (const { body = '', expect } of asked) {
        const known = knownAnswers(corpus).find(({ question }) => body.includes(question))
        const titled = corpus.documents.filter(({ title }) => title === expect.document!.id)
        assert.equal(
          titled.map(document => document.package),
          [known?.package],
        )
        assert.ok(titled[0]!.chunks.some(text => text.includes(known!.needle)))
      }
    })

    suite.test(`${file}: the known count is the one of the lock file`, () => {
      const [asked] = requests.filter(({ expect }) => expect.number)
      const [name] = /(?<=name = ')[^']+/.exec(asked!.body!) ?? []
      const known = knownCounts(corpus).find(({ cypher }) => cypher.includes(`'${name}'`))
      assert.is(asked!.expect.number!.exactly, known!.count)
    })

    suite.test(
      `${file}: no copy of a passage is nearer than the known document, so every scale finds it`,
      () => {
        for (const { body = '', expect } of requests.filter(({ expect }) => expect.document)) {
          const asked = embed(knownAnswers(corpus).find(({ question }) => body.includes(question))!.question)
          const near = passages.map(({ vector }) => cosine(vector, asked))
          const known = near.filter((_, at) => at < original && passages[at]!.title === expect.document!.id)
          assert.ok(Math.max(...near.slice(original)) < Math.max(...known), String(expect.document!.id))
        }
      },
    )
  }
})
