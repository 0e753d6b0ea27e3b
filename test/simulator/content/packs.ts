import { german } from './de.ts'
import { english } from './en.ts'
import { spanish } from './es.ts'
import { memoizeText } from '../memoize-text.ts'
import type { Random } from '../random.ts'
import type { Language, LanguagePack } from './language-pack.ts'

export const LANGUAGE_PACKS: readonly LanguagePack[] = [english, german, spanish]

export function packOf(language: Language): LanguagePack {
  return language === 'de' ? german : language === 'es' ? spanish : english
}

/** The language whose frequent words occur most often; English when none does. */
export const detectLanguage: (text: string) => LanguagePack = memoizeText((text) => {
  const words = text
    .slice(0, 600)
    .toLowerCase()
    .split(/[^\p{L}]+/u)
  let best = english
  let bestHits = 0
  for (const pack of LANGUAGE_PACKS) {
    const hits = words.filter((word) => pack.stopWords.includes(word)).length
    if (hits > bestHits) {
      best = pack
      bestHits = hits
    }
  }
  return best
})

/** Replaces each {slot} by a seeded value, the same value for the same slot throughout the text. */
export function fillSlots(template: string, pack: LanguagePack, random: Random): string {
  const values: Record<string, string> = {
    order: `SL-${10_000 + random.integer(90_000)}`,
    product: random.pick(pack.products),
    amount: pack.currency(`${5 + random.integer(240)}.${random.pick(['00', '50', '90', '95'])}`),
    day: random.pick(pack.weekdays),
    city: random.pick(pack.cities),
    name: random.pick(pack.names),
    days: String(3 + random.integer(24)),
    email: `kunde${random.integer(900) + 100}@example.org`,
  }
  return template.replace(/\{([a-z]+)\}/g, (slot, name: string) => values[name] ?? slot)
}
