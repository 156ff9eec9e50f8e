-- The three topics of `gerador run nexmark` as tables. ${...} are environment variables;
-- local_flink.py and submit.sh replace them with their values.

SET 'table.local-time-zone' = 'UTC';
-- Updated results (q4) are written periodically, not with every row.
SET 'table.exec.mini-batch.enabled' = 'true';
SET 'table.exec.mini-batch.allow-latency' = '1 s';
SET 'table.exec.mini-batch.size' = '5000';

CREATE TABLE person (
  id BIGINT NOT NULL,
  name STRING NOT NULL,
  emailAddress STRING NOT NULL,
  creditCard STRING NOT NULL,
  city STRING NOT NULL,
  state STRING NOT NULL,
  `dateTime` TIMESTAMP(3) NOT NULL,
  extra STRING NOT NULL,
  WATERMARK FOR `dateTime` AS `dateTime` - INTERVAL '4' SECOND
) WITH (
  'connector' = 'kafka',
  'topic' = 'person',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP_SERVERS}',
  'scan.startup.mode' = 'earliest-offset',
  'scan.bounded.mode' = '${FLINK_BOUNDED_MODE}',
  'scan.watermark.idle-timeout' = '1 min',
  'format' = 'avro-confluent',
  'avro-confluent.url' = '${SCHEMA_REGISTRY_URL}'
);

CREATE TABLE auction (
  id BIGINT NOT NULL,
  itemName STRING NOT NULL,
  description STRING NOT NULL,
  initialBid BIGINT NOT NULL,
  reserve BIGINT NOT NULL,
  `dateTime` TIMESTAMP(3) NOT NULL,
  expires TIMESTAMP(3) NOT NULL,
  seller BIGINT NOT NULL,
  category BIGINT NOT NULL,
  extra STRING NOT NULL,
  WATERMARK FOR `dateTime` AS `dateTime` - INTERVAL '4' SECOND
) WITH (
  'connector' = 'kafka',
  'topic' = 'auction',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP_SERVERS}',
  'scan.startup.mode' = 'earliest-offset',
  'scan.bounded.mode' = '${FLINK_BOUNDED_MODE}',
  'scan.watermark.idle-timeout' = '1 min',
  'format' = 'avro-confluent',
  'avro-confluent.url' = '${SCHEMA_REGISTRY_URL}'
);

CREATE TABLE bid (
  auction BIGINT NOT NULL,
  bidder BIGINT NOT NULL,
  price BIGINT NOT NULL,
  channel STRING NOT NULL,
  url STRING NOT NULL,
  `dateTime` TIMESTAMP(3) NOT NULL,
  extra STRING NOT NULL,
  WATERMARK FOR `dateTime` AS `dateTime` - INTERVAL '4' SECOND
) WITH (
  'connector' = 'kafka',
  'topic' = 'bid',
  'properties.bootstrap.servers' = '${KAFKA_BOOTSTRAP_SERVERS}',
  'scan.startup.mode' = 'earliest-offset',
  'scan.bounded.mode' = '${FLINK_BOUNDED_MODE}',
  'scan.watermark.idle-timeout' = '1 min',
  'format' = 'avro-confluent',
  'avro-confluent.url' = '${SCHEMA_REGISTRY_URL}'
);
