-- Judgements of traces, spans and answers; a score may come before what it judges.
create table scores (
  slot int not null,
  project_id text not null,
  id text not null,
  at timestamptz not null,
  trace_id uuid,
  span_id int8,
  response_id text,
  name text not null,
  value float8,
  label text,
  comment text,
  source text not null,
  primary key (slot, project_id, id)
);
create index scores_by_time on scores (slot, project_id, at desc, id desc);
create index scores_by_name on scores (slot, project_id, name, at desc);
create index scores_by_trace on scores (slot, project_id, trace_id) where trace_id is not null;
-- What is known of the others by itself: their trace is found through its spans.
create index scores_by_span on scores (slot, project_id, span_id) where trace_id is null and span_id is not null;
create index scores_by_response on scores (slot, project_id, response_id) where trace_id is null and response_id is not null;
