-- A client's statement timeout must not end a build over days of spans.
set local statement_timeout = 0;

-- The spans of one answer: of one call told twice, and of a score that names the answer alone.
create index spans_by_response on spans (slot, project_id, response_id) where response_id is not null;

comment on column spans.flags is 'bits: 1 counts tokens, 2 error, 4 streaming known, 8 streaming, 16 quarantined, 32 provider inferred, 64 repeats the call of another span';
