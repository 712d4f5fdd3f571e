import type { QdrantFault } from './fault.ts'
import { changeFiles, fullest, noise, waitUntilItLoops, waitUntilReady } from './qdrant-files.ts'

/** Growing segments keep vectors in chunks, optimised ones in one matrix. */
const VECTORS = fullest('vector_storage', 'chunk_0.mmap', 'matrix.dat')
const PAYLOADS = fullest('payload_storage', 'page_0.dat')

/** Bytes from the start of the file: past any header, inside the first points. */
const OFFSET = 2048

const OVERWRITE = `printf "$2" | dd of="$file" bs=1 seek=${OFFSET} conv=notrunc status=none`

export const vectorBytes: QdrantFault = {
  id: 'vector-bytes',
  title: 'Vector bytes changed',
  sentence: '200 bytes in a file of vectors were overwritten; nothing reports it.',
  physicalToo: true,
  inject: async (target, { physical }) => {
    await changeFiles(target, physical, `file=${VECTORS}\n${OVERWRITE}`, [noise(200)])
    await waitUntilReady(target)
  },
  expected: {
    found: 'ready, count right; some vectors have a length other than 1 and a search scores above 1',
    recovered: 'every vector has length 1 again and finds itself',
  },
}

export const payloadBytes: QdrantFault = {
  id: 'payload-bytes',
  title: 'Payload bytes changed',
  sentence: '200 bytes in a file of payloads were overwritten; nothing reports it.',
  physicalToo: true,
  inject: async (target, { physical }) => {
    await changeFiles(target, physical, `file=${PAYLOADS}\n${OVERWRITE}`, [noise(200)])
    await waitUntilReady(target)
  },
  expected: {
    found: 'ready, count right; the payload of one or a few points is wrong or cannot be read',
    recovered: 'every payload is the one that was saved',
  },
}

export const vectorTruncated: QdrantFault = {
  id: 'vector-truncated',
  title: 'Vector file cut off',
  sentence: 'A file of vectors ends after 64 KB, as after a disk that ran full.',
  physicalToo: true,
  inject: async (target, { physical }) => {
    await changeFiles(target, physical, `file=${VECTORS}\ntruncate -s 65536 "$file"`)
    await waitUntilReady(target)
  },
  expected: {
    found: 'ready, count right; scroll and query answer HTTP 500',
    recovered: 'every point can be read with its vector',
  },
}

/**
 * The log goes too: as long as it reaches back to the first write, Qdrant rebuilds everything from it at its
 * start, and nothing is lost.
 */
export const segmentsGone: QdrantFault = {
  id: 'segments-gone',
  title: 'Segments removed',
  sentence: 'The folder of the fullest segment and the write-ahead log are gone.',
  physicalToo: true,
  inject: async (target, { physical }) => {
    const segment = `file=${VECTORS}\nsegment="\${file%/vector_storage/*}"`
    const script = `${segment}\nrm -r "$segment"\nfind "$1/wal" -mindepth 1 -delete`
    await changeFiles(target, physical, script)
    await waitUntilReady(target)
  },
  expected: {
    found: 'ready and green, with a part of the points',
    recovered: 'the exact count of the backup',
  },
}

export const segmentJson: QdrantFault = {
  id: 'segment-json',
  title: 'Segment description damaged',
  sentence: 'A segment.json was written half; Qdrant dies of it at every start.',
  physicalToo: true,
  inject: async (target, { physical }) => {
    const script = `file=$(find "$1/segments" -name segment.json | sort | head -n 1)\ntruncate -s 20 "$file"`
    await changeFiles(target, physical, script)
    await waitUntilItLoops(target)
  },
  expected: {
    found: 'the container restarts again and again (exit code 101); the log names the segment',
    recovered: 'Qdrant runs, both collections are there, the damaged storage was moved aside',
  },
}

export const storageGone: QdrantFault = {
  id: 'storage-gone',
  title: 'Storage emptied',
  sentence: 'The whole storage of Qdrant is gone: every collection and every alias.',
  physicalToo: true,
  inject: async target => {
    await changeFiles(target, '', 'find /qdrant/storage -mindepth 1 -delete')
    await waitUntilReady(target)
  },
  expected: {
    found: 'ready, no collection, no alias',
    recovered: 'both collections, the alias and the payload indexes',
  },
}
