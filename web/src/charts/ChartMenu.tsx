import { Menu } from '@mantine/core'
import {
  IconBellPlus,
  IconChartLine,
  IconCopy,
  IconDots,
  IconDownload,
  IconListSearch,
  IconMaximize,
  IconMinimize,
  IconPhoto,
  IconTable,
  IconZoomQuestion,
  type Icon,
} from '@tabler/icons-react'

/** What the card's ⋯ menu offers besides table, CSV and PNG; one without a handler is left out. */
export type ChartCardActions = {
  /** Opens the traces of the whole chart. */
  onTraces?: (() => void) | undefined
  onAlert?: (() => void) | undefined
  onExplain?: (() => void) | undefined
  /** Full width on and off. */
  onFocus?: (() => void) | undefined
  isFocused?: boolean | undefined
}

type ChartMenuProps = {
  title: string
  actions: ChartCardActions
  isTable: boolean
  onTable: () => void
  onCopyCsv: () => void
  onSaveCsv: () => void
  onSavePng: () => void
}

export function ChartMenu({ title, actions, isTable, ...on }: ChartMenuProps) {
  const { onTraces, onAlert, onExplain, onFocus, isFocused = false } = actions
  return (
    <Menu
      // A bare placeholder in a menu is no menu item: the focus goes to the first that is.
      withInitialFocusPlaceholder={false}
      position="bottom-end"
      offset={4}
      classNames={{ dropdown: 'popover chart-menu', item: 'menu-item' }}
    >
      <Menu.Target>
        <button
          type="button"
          className="btn ghost icon-button"
          aria-label={`${title}: menu`}
          data-testid="chart-menu"
        >
          <IconDots size={15} aria-hidden="true" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Item icon={IconListSearch} label="Open traces" onClick={onTraces} />
        <Item icon={IconBellPlus} label="Create alert" onClick={onAlert} />
        <Item icon={IconZoomQuestion} label="Explain the change" onClick={onExplain} />
        <Item
          icon={isTable ? IconChartLine : IconTable}
          label={isTable ? 'View as chart' : 'View as table'}
          keys="Shift T"
          onClick={on.onTable}
        />
        <Item icon={IconCopy} label="Copy CSV" onClick={on.onCopyCsv} />
        <Item icon={IconDownload} label="Download CSV" onClick={on.onSaveCsv} />
        {!isTable && <Item icon={IconPhoto} label="Download PNG" onClick={on.onSavePng} />}
        <Item
          icon={isFocused ? IconMinimize : IconMaximize}
          label={isFocused ? 'Usual width' : 'Full width'}
          onClick={onFocus}
        />
      </Menu.Dropdown>
    </Menu>
  )
}

type ItemProps = { icon: Icon; label: string; keys?: string; onClick: (() => void) | undefined }

function Item({ icon: ItemIcon, label, keys, onClick }: ItemProps) {
  if (onClick === undefined) return null
  return (
    <Menu.Item
      onClick={onClick}
      leftSection={<ItemIcon size={14} aria-hidden="true" />}
      rightSection={keys !== undefined && <kbd className="kbd">{keys}</kbd>}
    >
      {label}
    </Menu.Item>
  )
}
