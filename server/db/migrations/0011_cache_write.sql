-- Of cache_write_tokens those kept for an hour, which cost more than those kept for five minutes.
alter table spans add column cache_write_1h_tokens int8;
