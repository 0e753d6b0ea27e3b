import type { FilterTerm } from '../contract/index.ts'
import { InvalidValueError } from '../platform/errors.ts'

/** `service`, `attr.KEY`, or the attribute's own key. */
export function attributeKey(field: string): string {
  if (field === 'service') return 'service.name'
  return field.startsWith('attr.') ? field.slice('attr.'.length) : field
}

type Test = (value: string | undefined, wanted: string) => boolean

const TESTS: Readonly<Partial<Record<FilterTerm['op'], Test>>> = {
  eq: (value, wanted) => value === wanted,
  ne: (value, wanted) => value !== wanted,
  in: (value, wanted) => value !== undefined && listOf(wanted).includes(value),
  exists: (value, wanted) => (value !== undefined) === (wanted !== 'false'),
}

/** A comma inside a value is percent-encoded. */
function listOf(wanted: string): string[] {
  return wanted.split(',').map((item) => item.replaceAll(/%2c/gi, ',').replaceAll('%25', '%'))
}

/** Whether a series has what the filter asks of its attributes. */
export function matchesSeries(
  attributes: Readonly<Record<string, string>>,
  filter: readonly FilterTerm[],
): boolean {
  return filter.every(({ field, op, value }) => {
    const test = TESTS[op]
    if (test === undefined || (field !== 'service' && !field.startsWith('attr.'))) {
      throw new InvalidValueError(
        `filter ${field}:${op}: series are filtered by service and attr.KEY with eq, ne, in, exists`,
        'f',
      )
    }
    return test(attributes[attributeKey(field)], value)
  })
}
