import { TOPICS } from '../simulator/content/language-pack.ts'
import { fillSlots, LANGUAGE_PACKS } from '../simulator/content/packs.ts'
import { memoizeText } from '../simulator/memoize-text.ts'
import { randomStream } from '../simulator/random.ts'
import type { Language } from '../simulator/content/language-pack.ts'
import type { Random } from '../simulator/random.ts'

export type Passage = { id: string; language: Language; text: string }

export type Hit = { id: string; score: number }

export type KnowledgeBase = {
  /** The best `count` passages for a question, best first. */
  search(question: string, language: Language, count: number): readonly Hit[]
  /** The question with the texts of its hits, as the model gets it. */
  quote(question: string, hits: readonly Hit[]): string
}

const PASSAGES_PER_TOPIC = 6
const SENTENCES_PER_PASSAGE = 5

/** A small shop handbook in three languages with a retriever over word overlap, weighted by rarity. */
export function createKnowledgeBase(seed: number): KnowledgeBase {
  const passages = buildPassages(randomStream(seed, 'knowledge-base'))
  const indexes = new Map(
    LANGUAGE_PACKS.map(({ language }) => [
      language,
      indexOf(passages.filter((passage) => passage.language === language)),
    ]),
  )
  const textById = new Map(passages.map((passage) => [passage.id, passage.text]))

  const rankings = new Map(
    LANGUAGE_PACKS.map(({ language }) => [
      language,
      memoizeText((question) => rank(indexes.get(language), question)),
    ]),
  )
  const quotations = new WeakMap<readonly Hit[], { question: string; text: string }>()

  function textOf({ id }: Hit): string {
    const text = textById.get(id)
    if (text === undefined) throw new Error(`no passage ${id} in the knowledge base`)
    return text
  }
  return {
    search: (question, language, count) => topOf(rankings.get(language)?.(question) ?? [], count),
    quote(question, hits) {
      const known = quotations.get(hits)
      if (known?.question === question) return known.text
      const text = [question, ...hits.map(textOf)].join('\n\n')
      quotations.set(hits, { question, text })
      return text
    },
  }
}

const topsByRanking = new WeakMap<readonly Hit[], Map<number, readonly Hit[]>>()

/** The same array for the same ranking and count, so that what is made of it can be remembered. */
function topOf(ranking: readonly Hit[], count: number): readonly Hit[] {
  const tops = topsByRanking.get(ranking) ?? new Map<number, readonly Hit[]>()
  topsByRanking.set(ranking, tops)
  const top = tops.get(count) ?? ranking.slice(0, count)
  tops.set(count, top)
  return top
}

function buildPassages(random: Random): Passage[] {
  return LANGUAGE_PACKS.flatMap((pack) =>
    TOPICS.flatMap((topic) =>
      Array.from({ length: PASSAGES_PER_TOPIC }, (_, number) => {
        const left = [...pack.facts[topic]]
        const sentences = Array.from({ length: SENTENCES_PER_PASSAGE }, () => {
          const [sentence] = left.splice(random.integer(left.length), 1)
          return fillSlots(sentence ?? '', pack, random)
        })
        const id = `${pack.language}-${topic}-${number + 1}`
        return { id, language: pack.language, text: `[${id}]\n${sentences.join(' ')}` }
      }),
    ),
  )
}

type Index = { ids: string[]; postings: Map<string, { weight: number; documents: number[] }> }

function indexOf(passages: readonly Passage[]): Index {
  const documentsByWord = new Map<string, number[]>()
  for (const [position, { text }] of passages.entries()) {
    for (const word of wordsOf(text)) {
      const documents = documentsByWord.get(word)
      if (documents === undefined) documentsByWord.set(word, [position])
      else documents.push(position)
    }
  }
  const postings = new Map(
    [...documentsByWord].map(([word, documents]) => {
      const weight = Math.log(1 + passages.length / documents.length)
      return [word, { weight, documents }] as const
    }),
  )
  return { ids: passages.map(({ id }) => id), postings }
}

function rank(index: Index | undefined, question: string): readonly Hit[] {
  if (index === undefined) return []
  const scores = new Float64Array(index.ids.length)
  for (const word of wordsOf(question)) {
    const posting = index.postings.get(word)
    if (posting === undefined) continue
    for (const document of posting.documents) {
      scores[document] = (scores[document] ?? 0) + posting.weight
    }
  }
  return index.ids
    .map((id, position) => ({ id, score: Math.round((scores[position] ?? 0) * 1_000) / 1_000 }))
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
}

function wordsOf(text: string): Set<string> {
  return new Set(
    text
      .toLowerCase()
      .split(/[^\p{L}\d]+/u)
      .filter((word) => word.length > 2),
  )
}
