-- The clock every server-side "now" reads. Only tests move the offset.
create table clock_offset (
  id boolean primary key default true check (id),
  shift interval not null default interval '0'
);
insert into clock_offset default values;

-- base: pass now() for an instant no later than the snapshot of an autocommit statement; in the
-- extended protocol statement_timestamp() is taken at Execute, after the snapshot.
create function sightline_now(base timestamptz default clock_timestamp()) returns timestamptz
language sql stable as $$ select base + shift from clock_offset $$;

create table projects (
  project_id text primary key,
  created_at timestamptz not null default clock_timestamp()
);
insert into projects (project_id) values ('default');

-- One immutable narrow row per span; day = UTC date of the span's own start.
create table spans (
  slot int not null,
  day date not null,
  project_id text not null,
  trace_id uuid not null,
  span_id int8 not null,
  parent_span_id int8,
  started_at timestamptz not null,
  ended_at timestamptz not null,
  duration_us int8,
  chunk_id uuid not null,
  chunk_ix int4 not null,
  otel_kind int2 not null,
  otel_status int2 not null,
  flags int2 not null,
  name text not null,
  service text,
  environment text,
  release text,
  scope text,
  type text not null,
  task text,
  operation text,
  operation_raw text,
  provider text,
  provider_raw text,
  request_model text,
  response_model text,
  response_id text,
  input_tokens int8,
  output_tokens int8,
  cache_read_tokens int8,
  cache_write_tokens int8,
  reasoning_tokens int8,
  audio_input_tokens int8,
  audio_output_tokens int8,
  image_input_tokens int8,
  cost_nano_usd int8,
  cost_reason text,
  price_version text,
  sender_cost_nano_usd int8,
  ttft_us int8,
  finish_reasons text[],
  error_type text,
  error_message text,
  error_status_code int4,
  session_id text,
  user_id text,
  tags text[],
  prompt_name text,
  prompt_version text,
  agent_name text,
  tool_name text,
  dialect text not null,
  attribute_hashes int4[],
  primary key (slot, day, project_id, trace_id, span_id)
) partition by range (day);
comment on column spans.flags is 'bits: 1 counts tokens, 2 error, 4 streaming known, 8 streaming, 16 quarantined, 32 provider inferred';

-- The project comes last: with slot and project leading, a partition without statistics (a new day)
-- would serve the look-up of one trace from here, row by row, and not from the primary key.
create index spans_by_start on spans (slot, started_at desc, project_id);
create index spans_errors on spans (slot, project_id, started_at desc) where flags & 2 <> 0;
create index spans_roots on spans (slot, project_id, started_at desc) where parent_span_id is null;
create index spans_by_model on spans (slot, project_id, (coalesce(response_model, request_model)), started_at desc)
  where response_model is not null or request_model is not null;
create index spans_by_session on spans (slot, project_id, session_id, started_at desc) where session_id is not null;
create index spans_by_user on spans (slot, project_id, user_id, started_at desc) where user_id is not null;

-- Verbatim OTLP of up to some hundred spans, compressed once per batch.
create table span_bodies (
  slot int not null,
  day date not null,
  project_id text not null,
  chunk_id uuid not null,
  -- 'protobuf' or 'json' (an array of request bodies), then 'zstd' or 'gzip'
  format text not null,
  codec text not null,
  received_at timestamptz not null,
  data bytea not null,
  primary key (slot, day, project_id, chunk_id)
) partition by range (day);
alter table span_bodies alter column data set storage external;

create table rollup_deltas (
  slot int not null,
  project_id text not null,
  bucket timestamptz not null,
  id int8 generated always as identity,
  -- age of a delta in real time, whatever sightline_now() says
  created_at timestamptz not null default clock_timestamp(),
  data bytea not null,
  primary key (slot, project_id, bucket, id)
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
alter table rollup_deltas alter column data set storage external;

create table rollups (
  slot int not null,
  project_id text not null,
  step_ms int8 not null,
  bucket timestamptz not null,
  -- counts the folds of this row: a fold that read another version changes nothing
  version int8 not null,
  data bytea not null,
  primary key (slot, project_id, step_ms, bucket)
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000,
  toast.autovacuum_vacuum_scale_factor = 0.02, toast.autovacuum_vacuum_threshold = 1000);
alter table rollups alter column data set storage external;

-- A minute in which a collector ran, so that "no data" and "collector down" differ from zero.
create table collector_up (
  minute timestamptz not null,
  collector_id text not null,
  primary key (minute, collector_id)
);

-- Refused and conflicting spans, kept for inspection.
create table dead_letter (
  id int8 generated always as identity primary key,
  project_id text not null,
  received_at timestamptz not null,
  reason text not null,
  trace_id text,
  span_id text,
  detail text,
  data bytea
);
