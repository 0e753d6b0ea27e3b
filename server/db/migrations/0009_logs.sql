-- One narrow row per log record that belongs to a span; the record itself lies in a chunk of
-- span_bodies (format 'logs'). record_id is a hash of the record, so that a resend is no second row.
create table span_logs (
  slot int not null,
  -- UTC date of the record's own time
  day date not null,
  project_id text not null,
  trace_id uuid not null,
  span_id int8 not null,
  record_id uuid not null,
  event text not null,
  at timestamptz not null,
  observed_at timestamptz not null,
  -- of the whole request: its records keep their order by chunk_ix
  received_at timestamptz not null default now(),
  chunk_id uuid not null,
  chunk_ix int4 not null,
  choice_index int4,
  finish_reason text,
  is_error boolean not null,
  error_type text,
  error_message text,
  primary key (slot, day, project_id, trace_id, span_id, record_id)
) partition by range (day);

-- Projects whose log records may still meet spans: batches of other projects look for none.
create table recent_logs (
  project_id text not null,
  kind text not null,
  at timestamptz not null,
  primary key (project_id, kind)
);

-- What a coding agent's session said, kept until all that may belong to it has come: requests that
-- tell when a call began, and calls that wait for theirs.
create table agent_events (
  slot int not null,
  project_id text not null,
  agent text not null,
  session text not null,
  event_id uuid not null,
  kind text not null check (kind in ('session', 'start', 'waiting', 'done')),
  at timestamptz not null,
  started_at timestamptz,
  received_at timestamptz not null default clock_timestamp(),
  record jsonb,
  primary key (slot, project_id, agent, session, event_id)
);
create index agent_events_waiting on agent_events (received_at) where kind = 'waiting';
create index agent_events_age on agent_events (received_at);

-- Metrics of model servers. One row per name, kind and attributes; points by instant.
create table otel_series (
  slot int not null,
  project_id text not null,
  series_id uuid not null,
  name text not null,
  unit text not null,
  kind text not null check (kind in ('gauge', 'sum', 'histogram')),
  attributes jsonb not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (slot, project_id, series_id)
);
create index otel_series_by_name on otel_series (slot, project_id, name);

create table otel_points (
  slot int not null,
  project_id text not null,
  series_id uuid not null,
  at timestamptz not null,
  -- cumulative points of one start belong together; deltas carry their own start
  started_at timestamptz not null,
  is_cumulative boolean not null,
  value float8,
  count float8,
  -- {bounds, counts} of a histogram
  buckets jsonb,
  primary key (slot, project_id, series_id, at, started_at)
);
create index otel_points_age on otel_points (at);
