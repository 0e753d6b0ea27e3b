create table alert_channels (
  channel_id text primary key,
  project_id text not null,
  name text not null,
  kind text not null,
  url text not null,
  secret text not null,
  created_at timestamptz not null default sightline_now(),
  failing_since timestamptz,
  last_success_at timestamptz
);
create index alert_channels_by_project on alert_channels (project_id, channel_id);

create table alert_rules (
  rule_id text primary key,
  project_id text not null,
  version int4 not null default 1,
  created_at timestamptz not null default sightline_now(),
  deleted_at timestamptz,
  enabled boolean not null,
  -- RuleInput of the contract with its defaults filled in
  input jsonb not null,
  next_tick timestamptz not null,
  due_at timestamptz not null,
  -- an edit, or a breach that late data shows, asks for a replay of the ticks since then
  replay_from timestamptz,
  replay_reason text check (replay_reason in ('edit', 'late')),
  -- more missed ticks are to come, so notices wait for the final state
  catching_up boolean not null default false,
  failures int4 not null default 0,
  last_error text,
  lease_until timestamptz,
  -- grows with each claim and each edit: only the newest holder can save
  fence int8 not null default 0
);
create index alert_rules_due on alert_rules (due_at) where enabled and deleted_at is null;
create index alert_rules_by_project on alert_rules (project_id, rule_id) where deleted_at is null;

create table alert_incidents (
  incident_id text primary key,
  project_id text not null,
  rule_id text not null,
  rule_name text not null,
  group_key text not null,
  labels jsonb not null,
  state text not null,
  severity text not null,
  started_at timestamptz not null,
  ended_at timestamptz,
  value float8,
  peak float8,
  unit text not null,
  threshold float8 not null,
  reason text not null,
  seq int4 not null,
  ack_by text,
  exemplars jsonb not null default '[]',
  timeline jsonb not null default '[]'
);
create index alert_incidents_by_project on alert_incidents (project_id, started_at desc, incident_id desc);
create index alert_incidents_open on alert_incidents (rule_id) where ended_at is null;

-- State per (rule, group).
create table alert_instances (
  rule_id text not null,
  group_key text not null,
  labels jsonb not null,
  last_tick timestamptz,
  state jsonb not null,
  value float8,
  n int8 not null,
  seen_at timestamptz,
  incident_id text,
  primary key (rule_id, group_key)
);

create table alert_evaluations (
  rule_id text not null,
  group_key text not null,
  tick timestamptz not null,
  labels jsonb not null,
  version int4 not null,
  verdict text not null,
  value float8,
  n int8 not null,
  state text not null,
  health text not null,
  detail text not null,
  evaluated_at timestamptz not null,
  -- computed again once late data has come
  final_at timestamptz,
  final_value float8,
  late text,
  primary key (rule_id, group_key, tick)
);
create index alert_evaluations_open on alert_evaluations (tick) where final_at is null;
create index alert_evaluations_by_tick on alert_evaluations (tick);

create table alert_outbox (
  incident_id text not null,
  seq int4 not null,
  channel_id text not null,
  project_id text not null,
  rule_id text not null,
  kind text not null,
  notice jsonb not null,
  -- pending, sent, collapsed, failed
  status text not null default 'pending',
  attempts int4 not null default 0,
  created_at timestamptz not null,
  next_attempt_at timestamptz not null,
  lease_until timestamptz,
  fence int8 not null default 0,
  primary key (incident_id, seq, channel_id)
);
create index alert_outbox_pending on alert_outbox (next_attempt_at) where status = 'pending';
create index alert_outbox_waiting on alert_outbox (incident_id, channel_id, seq) where status = 'pending';

-- One row per attempt.
create table alert_deliveries (
  delivery_id text primary key,
  project_id text not null,
  channel_id text not null,
  incident_id text,
  seq int4,
  message_id text not null,
  attempt int4 not null,
  attempted_at timestamptz not null,
  duration_ms float8 not null,
  outcome text not null,
  http_status int4,
  error text,
  response_preview text,
  next_attempt_at timestamptz
);
create index alert_deliveries_by_project on alert_deliveries (project_id, attempted_at desc, delivery_id desc);
create index alert_deliveries_by_channel on alert_deliveries (channel_id, attempted_at desc);
