import { TextInput } from '@mantine/core'
import type { Channel } from '@sightline/server/contract'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type SubmitEvent } from 'react'
import {
  channelsQuery,
  createChannel,
  deleteChannel,
  keys,
  testChannel,
} from '../../api/queries.ts'
import { spanText } from '../../lib/format.ts'
import { serverNow } from '../../lib/server-time.ts'
import { ErrorState, failureOf } from '../../ui/ErrorState.tsx'
import { StatusIcon } from '../../ui/StatusIcon.tsx'
import { DeleteButton } from './Rules.tsx'

export function Channels() {
  const channels = useQuery(channelsQuery)
  const items = channels.data?.items ?? []
  return (
    <section className="card" aria-label="Channels" data-testid="channels">
      <div className="hd">
        <h2>Channels</h2>
        <span className="u">signed webhooks</span>
      </div>
      {channels.isError && (
        <ErrorState
          what="Channels could not be loaded"
          failure={failureOf(channels.error)}
          onRetry={() => void channels.refetch()}
        />
      )}
      <ul className="rule-list">
        {items.map((channel) => (
          <ChannelItem key={channel.id} channel={channel} />
        ))}
      </ul>
      <ChannelForm />
    </section>
  )
}

function ChannelItem({ channel }: { channel: Channel }) {
  const queryClient = useQueryClient()
  const refresh = () => queryClient.invalidateQueries({ queryKey: keys.channels })
  const trial = useMutation({ mutationFn: () => testChannel(channel.id), onSettled: refresh })
  const remove = useMutation({ mutationFn: () => deleteChannel(channel.id), onSuccess: refresh })
  const error = trial.error ?? remove.error
  return (
    <li className="rule" data-testid="channel" data-channel-id={channel.id}>
      <div className="rule-text">
        <b>{channel.name}</b>
        <span className="mono">{channel.config.url}</span>
        {error !== null && (
          <ErrorState what="The channel answered with an error" failure={failureOf(error)} />
        )}
      </div>
      <div className="rule-states">
        <Delivery channel={channel} isTestOk={trial.isSuccess} />
      </div>
      <button
        type="button"
        className="btn"
        data-testid="test-channel"
        disabled={trial.isPending}
        onClick={() => trial.mutate()}
      >
        Test
      </button>
      <DeleteButton
        name={channel.name}
        isPending={remove.isPending}
        onDelete={() => remove.mutate()}
      />
    </li>
  )
}

function Delivery({ channel, isTestOk }: { channel: Channel; isTestOk: boolean }) {
  const { failingSince, lastSuccessAt } = channel.status
  if (failingSince !== null)
    return (
      <span className="status crit">
        <StatusIcon shape="error" />
        failing for {spanText(serverNow() - failingSince)}
      </span>
    )
  if (isTestOk)
    return (
      <span className="status ok">
        <StatusIcon shape="ok" />
        test sent
      </span>
    )
  if (lastSuccessAt !== null)
    return (
      <span className="status ok">
        <StatusIcon shape="ok" />
        delivered {spanText(serverNow() - lastSuccessAt)} ago
      </span>
    )
  return <span className="t3">nothing sent yet</span>
}

function ChannelForm() {
  const [name, setName] = useState('')
  const [url, setUrl] = useState('')
  const queryClient = useQueryClient()
  const create = useMutation({
    mutationFn: createChannel,
    onSuccess: async () => {
      setName('')
      setUrl('')
      await queryClient.invalidateQueries({ queryKey: keys.channels })
    },
  })
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault()
    create.mutate({ name: name.trim(), kind: 'webhook', config: { url: url.trim() } })
  }
  const secret = create.data?.config.secret
  return (
    <form className="channel-form" onSubmit={onSubmit} data-testid="channel-form">
      <TextInput
        label="Name"
        data-testid="channel-name"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        label="Webhook URL"
        data-testid="channel-url"
        inputMode="url"
        placeholder="https://"
        value={url}
        onChange={(event) => setUrl(event.currentTarget.value)}
      />
      <button
        type="submit"
        className="btn"
        data-testid="add-channel"
        disabled={create.isPending || name.trim() === '' || url.trim() === ''}
      >
        Add channel
      </button>
      {create.isError && (
        <ErrorState what="The channel was not added" failure={failureOf(create.error)} />
      )}
      {secret !== undefined && (
        <p className="secret">
          Signing secret, shown this once:{' '}
          <code className="mono" data-testid="channel-secret">
            {secret}
          </code>
        </p>
      )}
    </form>
  )
}
