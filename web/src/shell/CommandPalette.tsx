import { Modal } from '@mantine/core'
import { useState } from 'react'
import { keysNow } from '../lib/key-map.ts'
import { SearchList, type SearchGroup } from '../ui/SearchList.tsx'
import { searchCommands, type Command } from './palette-search.ts'
import { recentCommands, rememberCommand } from './recent-commands.ts'
import { useCommands, useTypedCommands } from './use-commands.tsx'

export function CommandPalette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState('')
  const [recent] = useState(recentCommands)
  const commands = useCommands()
  const typed = useTypedCommands(text)
  const found = searchCommands(commands, text, recent)
  const isAnswer = typed.some(({ id }) => id !== 'typed:search')
  const groups = [
    ...(isAnswer ? groupsOf(typed) : []),
    ...found.map(({ title, commands: answers }) => groupOf(title, answers)),
    ...(isAnswer ? [] : groupsOf(typed)),
  ]
  const onChoose = (id: string): void => {
    const command = [...typed, ...commands].find((one) => one.id === id)
    if (command === undefined) return
    if (!id.startsWith('typed:')) rememberCommand(id)
    onClose()
    command.run()
  }
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      title={null}
      size={560}
      yOffset="12dvh"
      padding={0}
      classNames={{ content: 'palette' }}
      data-keys-off
      transitionProps={{ duration: 0 }}
      aria-label="Search or jump"
    >
      <SearchList
        label="Search or jump"
        placeholder="Page, action, model, trace id, 6h, or words to search for"
        testId="palette-input"
        text={text}
        onText={setText}
        groups={groups}
        onChoose={onChoose}
        whenEmpty="Nothing answers to this."
      />
      <div className="palette-foot" aria-hidden="true">
        <kbd className="kbd">↑</kbd>
        <kbd className="kbd">↓</kbd> choose <kbd className="kbd">Enter</kbd> open{' '}
        <kbd className="kbd">Esc</kbd> close
      </div>
    </Modal>
  )
}

function groupsOf(commands: readonly Command[]): SearchGroup[] {
  return [...Map.groupBy(commands, ({ group }) => group)].map(([title, all]) => groupOf(title, all))
}

function groupOf(title: string, commands: readonly Command[]): SearchGroup {
  return {
    title,
    options: commands.map(({ id, title: label, keys, hint }) => ({
      id,
      label,
      hint:
        keys === undefined
          ? hint
          : keysNow(keys)
              .split(' ')
              .map((key) => (
                <kbd className="kbd" key={key}>
                  {key.length === 1 ? key.toUpperCase() : key}
                </kbd>
              )),
    })),
  }
}
