-- What was received and what became of it. Append-only, in the transaction that stores what it
-- counts; each row is balanced in itself: received = stored + duplicate + rejected.
create table ledger_deltas (
  id int8 generated always as identity primary key,
  slot int not null,
  project_id text not null,
  minute timestamptz not null,
  signal text not null,
  dialect text not null,
  sdk text not null,
  sdk_version text not null,
  service text not null,
  -- of `rejected` and `requests`; '' for all else
  reason text not null,
  received int8 not null,
  stored int8 not null,
  duplicate int8 not null,
  conflict int8 not null,
  rejected int8 not null,
  unmapped int8 not null,
  sdk_dropped int8 not null,
  -- whole requests that were refused, whose records nobody counted
  requests int8 not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
create index ledger_deltas_by_minute on ledger_deltas (slot, project_id, minute);

-- The same, one row a minute, source and reason; '' stands for what was not sent.
create table ledger (
  slot int not null,
  project_id text not null,
  minute timestamptz not null,
  signal text not null,
  dialect text not null,
  sdk text not null,
  sdk_version text not null,
  service text not null,
  reason text not null,
  received int8 not null,
  stored int8 not null,
  duplicate int8 not null,
  conflict int8 not null,
  rejected int8 not null,
  unmapped int8 not null,
  sdk_dropped int8 not null,
  requests int8 not null,
  primary key (slot, project_id, minute, signal, dialect, sdk, sdk_version, service, reason)
);

-- The last count of dropped spans that each instance of an SDK told.
create table ledger_sdk_instances (
  slot int not null,
  project_id text not null,
  instance text not null,
  dropped int8 not null,
  -- how much the last telling added
  added int8 not null,
  seen_at timestamptz not null,
  primary key (slot, project_id, instance)
);

create index dead_letter_by_trace on dead_letter (trace_id, project_id) where trace_id is not null;
create index dead_letter_by_time on dead_letter (project_id, received_at desc);
