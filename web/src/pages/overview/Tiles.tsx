import { usePageKeys } from '../../lib/page-keys.ts'
import type { OverviewModel } from './overview-model.ts'
import { ScoreTile } from './ScoreTile.tsx'
import { Tile } from './Tile.tsx'
import { TILES } from './tile-specs.ts'

type TilesProps = { model: OverviewModel; filters: readonly string[]; scoreName: string | null }

const COUNT = TILES.length + 1

export function Tiles({ model, filters, scoreName }: TilesProps) {
  usePageKeys(
    'Overview',
    Array.from({ length: COUNT }, (_, index) => ({
      keys: String(index + 1),
      label: `Figure ${index + 1}`,
      isHidden: index > 0,
      run: () => focusTile(index + 1),
    })).map((binding, index) =>
      index === 0 ? { ...binding, label: `To a figure, 1 to ${COUNT}` } : binding,
    ),
  )
  return (
    <section className="card tiles" aria-label="Key figures">
      {TILES.map((spec, index) => (
        <Tile key={spec.metric} spec={spec} model={model} filters={filters} shortcut={index + 1} />
      ))}
      <ScoreTile name={scoreName} model={model} filters={filters} shortcut={COUNT} />
    </section>
  )
}

function focusTile(number: number): void {
  document.querySelector<HTMLElement>(`[data-tile="${number}"]`)?.focus()
}
