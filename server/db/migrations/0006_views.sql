-- Filters of a page, saved under a name.
create table saved_views (
  view_id text primary key,
  project_id text not null,
  page text not null,
  name text not null,
  search text not null,
  created_at timestamptz not null,
  unique (project_id, page, name)
);
