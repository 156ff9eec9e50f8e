-- The topic of the default stream as a table, its aggregate per city and minute as a view, and the
-- topic that the aggregate is written to. ${...} are environment variables; local_flink.py and
-- submit.sh replace them with their values.

SET 'table.local-time-zone' = 'UTC';
SET 'execution.checkpointing.interval' = '10 s';
-- The result of a window is final: no key is written twice, so Flink does not need to keep
-- all results in order to sort updates.
SET 'table.exec.sink.upsert-materialize' = 'NONE';

-- Flink reads the schema from the registry, by the id in each record; the columns must match it.
-- `timestamp` is Avro's timestamp-millis, which can only be read as TIMESTAMP(3).
CREATE TABLE registros (
  nome STRING NOT NULL,
  idade INT NOT NULL,
  salario DOUBLE NOT NULL,
  cidade STRING NOT NULL,
  cargo STRING NOT NULL,
  `timestamp` TIMESTAMP(3) NOT NULL,
  geracao_id STRING NOT NULL,
  WATERMARK FOR `timestamp` AS `timestamp` - INTERVAL '5' SECOND
) WITH (
  'connector' = 'kafka',
  'topic' = '${GERADOR_TOPIC}',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP_SERVERS}',
  'scan.startup.mode' = 'earliest-offset',
  'scan.bounded.mode' = '${FLINK_BOUNDED_MODE}',
  -- Without it, a partition without records (possible with --key) would keep all windows open.
  'scan.watermark.idle-timeout' = '1 min',
  'format' = 'avro-confluent',
  'avro-confluent.url' = '${SCHEMA_REGISTRY_URL}'
);

CREATE VIEW per_city_minute AS
SELECT
  window_start,
  window_end,
  cidade,
  COUNT(*) AS records,
  AVG(salario) AS mean_salario
FROM TABLE(TUMBLE(TABLE registros, DESCRIPTOR(`timestamp`), INTERVAL '1' MINUTE))
GROUP BY window_start, window_end, cidade;

-- JSON, because the registry of the generator is read-only: this job cannot register a schema in it.
CREATE TABLE per_city_minute_topic (
  window_start TIMESTAMP(3) NOT NULL,
  window_end TIMESTAMP(3) NOT NULL,
  cidade STRING NOT NULL,
  records BIGINT NOT NULL,
  mean_salario DOUBLE NOT NULL,
  PRIMARY KEY (window_start, cidade) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = '${GERADOR_TOPIC}-per-city-minute',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP_SERVERS}',
  'key.format' = 'json',
  'key.json.timestamp-format.standard' = 'ISO-8601',
  'value.format' = 'json',
  'value.json.timestamp-format.standard' = 'ISO-8601'
);
