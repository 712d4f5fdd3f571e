import type { RagHit } from './rag.ts'
import type { Reply } from './server.ts'

export interface ChatMessage {
  role: string
  content: string
}

/** What the last user message asks; undefined when there is none. */
export function questionOf(messages: readonly ChatMessage[]): string | undefined {
  return messages.findLast(message => message.role === 'user')?.content
}

/**
 * An answer in the shape of OpenAI's chat completions. No language model is behind it: the text is put
 * together from the retrieved passages, which is all that a smoke test of the data needs.
 */
export function completion(model: string, question: string, hits: readonly RagHit[], now: Date): object {
  const content = compose(hits)
  const prompt = words(question)
  const answer = words(content)
  return {
    id: `chatcmpl-${now.getTime().toString(36)}`,
    object: 'chat.completion',
    created: Math.floor(now.getTime() / 1000),
    model,
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    usage: { prompt_tokens: prompt, completion_tokens: answer, total_tokens: prompt + answer },
    sources: hits.map(({ id, package: name, score }) => ({ id, package: name, score })),
  }
}

/** As a gateway answers whose model backend is away: the documents are found, and nobody puts them into words. */
export function modelAway(): Reply {
  return { status: 503, body: { error: 'the model backend does not answer' } }
}

function compose(hits: readonly RagHit[]): string {
  if (hits.length === 0) return 'Nothing in the documents speaks of that.'
  const passages = hits.map(hit => `${hit.package}, ${hit.title}: ${hit.text}`)
  return `From the documents:\n\n${passages.join('\n\n')}`
}

function words(text: string): number {
  return text.split(/\s+/).filter(Boolean).length
}
