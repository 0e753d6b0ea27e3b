-- A client's statement timeout must not end a build over days of spans.
set local statement_timeout = 0;

-- With the trace in it, the roots of a range are read from the index alone.
drop index spans_roots;
create index spans_roots on spans (slot, project_id, started_at desc) include (trace_id)
  where parent_span_id is null;

-- Failed spans are few: 2 bytes a span. Indexes on the other text fields would take 35 to 110 bytes
-- a span, and GIN on attribute_hashes makes COPY 7 times as dear (twice with fastupdate, before its
-- lists are merged): those filters scan, newest first and within a time bound.
create index spans_by_error_type on spans (slot, project_id, error_type, started_at desc)
  where error_type is not null;
