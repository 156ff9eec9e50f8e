-- The job: the aggregate per city and minute, kept in a compacted topic. Run tables.sql before it.

INSERT INTO per_city_minute_topic SELECT * FROM per_city_minute;
