import type { Unit } from './sample.ts'
import { Moments } from './statistics.ts'
import { amountsOf, totalOf, visitValues } from './values.ts'
import type { WorseKind, WorsePart } from './worse-part.ts'

/** How many units of each part carry one value of one field, and what it amounts to in them. */
export class Carriers {
  readonly field: string
  readonly value: string
  worse = 0
  baseline = 0
  baselineWorse = 0
  readonly rangeAmount = new Moments()
  readonly baselineAmount = new Moments()
  /** The unit it was counted in last. */
  #lastUnit: Unit | undefined

  constructor(field: string, value: string) {
    this.field = field
    this.value = value
  }

  /** False where it was counted in this unit before. */
  enter(unit: Unit): boolean {
    if (this.#lastUnit === unit) return false
    this.#lastUnit = unit
    return true
  }
}

/** The values of all units of a range and its baseline, counted in one pass. */
export class Tally {
  readonly rangeTotal = new Moments()
  readonly baselineTotal = new Moments()
  readonly #byField = new Map<string, Map<string, Carriers>>()
  readonly #kind: WorseKind
  readonly #worse: WorsePart
  readonly #measures: boolean

  constructor(about: { kind: WorseKind; worse: WorsePart; measures: boolean }) {
    this.#kind = about.kind
    this.#worse = about.worse
    this.#measures = about.measures
  }

  addRange(unit: Unit): void {
    if (this.#worse.holds(unit)) {
      this.#count(unit, (carriers) => {
        carriers.worse += 1
      })
    }
    if (!this.#measures) return
    this.rangeTotal.add(totalOf(unit, this.#kind))
    for (const { field, value, amount } of amountsOf(unit, this.#kind)) {
      this.of(field, value).rangeAmount.add(amount)
    }
  }

  addBaseline(unit: Unit): void {
    const isWorse = this.#worse.holds(unit)
    this.#count(unit, (carriers) => {
      carriers.baseline += 1
      if (isWorse) carriers.baselineWorse += 1
    })
    if (!this.#measures) return
    this.baselineTotal.add(totalOf(unit, this.#kind))
    for (const { field, value, amount } of amountsOf(unit, this.#kind)) {
      this.of(field, value).baselineAmount.add(amount)
    }
  }

  of(field: string, value: string): Carriers {
    let byValue = this.#byField.get(field)
    if (byValue === undefined) {
      byValue = new Map()
      this.#byField.set(field, byValue)
    }
    let carriers = byValue.get(value)
    if (carriers === undefined) {
      carriers = new Carriers(field, value)
      byValue.set(value, carriers)
    }
    return carriers
  }

  all(): Carriers[] {
    return [...this.#byField.values()].flatMap((byValue) => [...byValue.values()])
  }

  #count(unit: Unit, add: (carriers: Carriers) => void): void {
    visitValues(unit, this.#kind, (field, value) => {
      const carriers = this.of(field, value)
      if (carriers.enter(unit)) add(carriers)
    })
  }
}
