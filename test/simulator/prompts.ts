import { TOPICS } from './content/language-pack.ts'
import { fillSlots, LANGUAGE_PACKS } from './content/packs.ts'
import { randomStream } from './random.ts'
import type { Language, Topic } from './content/language-pack.ts'

export type SupportPrompt = { language: Language; topic: Topic; text: string }

const FILLS_PER_TEMPLATE = 3

/** The questions customers ask: more than 250 in three languages, all different, the same list for the same seed. */
export function supportPrompts(seed: number): SupportPrompt[] {
  const random = randomStream(seed, 'prompts')
  const prompts = LANGUAGE_PACKS.flatMap((pack) =>
    TOPICS.flatMap((topic) =>
      pack.questions[topic].flatMap((template) =>
        Array.from({ length: FILLS_PER_TEMPLATE }, () => ({
          language: pack.language,
          topic,
          text: fillSlots(template, pack, random),
        })),
      ),
    ),
  )
  // A template without slots gives the same text each time.
  return [...new Map(prompts.map((prompt) => [prompt.text, prompt])).values()]
}
