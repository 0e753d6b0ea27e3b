-- What was deployed when; '' stands for a service or environment that was not named.
create table releases (
  project_id text not null,
  release text not null,
  service text not null default '',
  environment text not null default '',
  at timestamptz not null,
  -- reported by a pipeline, or seen as a new service.version on spans
  source text not null check (source in ('reported', 'seen')),
  meta jsonb,
  primary key (project_id, release, service, environment)
);
create index releases_by_time on releases (project_id, at desc, release, service, environment);

-- Past days whose spans were looked through for releases when a server started.
create table release_days (
  day date primary key
);

-- The few spans that are so long that a look at the last minutes' starts would not meet them.
create index spans_long on spans (slot, project_id, ended_at) where duration_us > 120000000;
