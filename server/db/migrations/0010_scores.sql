-- The span a score judges, once both are known: the one it names, the one that gave the response it
-- names, or the answering call of the trace it names. What metrics group and filter by is copied
-- from it, since scores outlive spans.
alter table scores
  add column home_day date,
  add column home_trace uuid,
  add column home_span int8,
  add column model text,
  add column provider text,
  add column operation text,
  add column task text,
  add column service text,
  add column environment text,
  add column release text,
  add column prompt_name text,
  add column prompt_version text,
  add column user_id text,
  add column session_id text,
  add column is_error boolean,
  add column error_type text,
  -- where it stood before it was replaced
  add column previous_at timestamptz,
  -- real time of the last change, for whoever follows them
  add column changed_at timestamptz not null default clock_timestamp();
create index scores_waiting on scores (slot, project_id, changed_at) where home_span is null;
create index scores_of_traces on scores (slot, project_id, changed_at)
  where trace_id is not null and span_id is null and response_id is null;
create index scores_by_home on scores (slot, project_id, home_trace)
  where trace_id is null and home_trace is not null;
create index scores_by_change on scores (slot, project_id, changed_at);
