import { blame } from '../../stores/qdrant/assess.ts'
import { assert, describe } from '../describe.ts'

const said = (...lines: string[]) =>
  blame({ stdout: lines.join('\n'), stderr: '', exitCode: 0, durationMs: 0 }).blamed

describe('the last words of a Qdrant', suite => {
  suite.test('name the collection it cannot load', () => {
    const panic =
      'ERROR qdrant::startup: Panic occurred in file lib.rs at line 1: Failed to load segment /qdrant/storage/collections/documents_v1/0/segments/1f'
    assert.equal(said('2026-11-22T22:00:00Z INFO starting', panic), ['documents_v1'])
  })

  suite.test('do not accuse a collection that was only asked', () => {
    const asked =
      'INFO actix_web::middleware::logger: 172.18.0.1 "POST /collections/packages/points/query HTTP/1.1" 200'
    assert.equal(said(asked, 'panicked at ./storage/collections/documents_v1/config.json'), ['documents_v1'])
    assert.equal(said(asked), [])
  })
})
