#!/usr/bin/env bash
# Submit job.sql, another SQL file, or an interactive session ("-") to a Flink cluster with Flink's
# SQL client:
#   submit.sh [FILE.sql | -]
# KAFKA_BOOTSTRAP_SERVERS and SCHEMA_REGISTRY_URL are the generator's brokers and schema registry.
# FLINK_TABLES is the file of this directory that creates the tables (default: tables.sql).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
sql_client=${FLINK_HOME:-/opt/flink}/bin/sql-client.sh
job=${1:-$here/job.sql}

export KAFKA_BOOTSTRAP_SERVERS=${KAFKA_BOOTSTRAP_SERVERS:-127.0.0.1:9092}
export SCHEMA_REGISTRY_URL=${SCHEMA_REGISTRY_URL:-http://127.0.0.1:8000}
export GERADOR_TOPIC=${GERADOR_TOPIC:-registros}
export FLINK_BOUNDED_MODE=${FLINK_BOUNDED_MODE:-unbounded}

if [[ ! -x $sql_client ]]; then
  echo "submit.sh: $sql_client not found; set FLINK_HOME to a Flink 2.3 distribution" >&2
  exit 2
fi

tables=$(mktemp --suffix=.sql)
trap 'rm -f "$tables"' EXIT
text=$(<"$here/${FLINK_TABLES:-tables.sql}")
for name in KAFKA_BOOTSTRAP_SERVERS SCHEMA_REGISTRY_URL GERADOR_TOPIC FLINK_BOUNDED_MODE; do
  text=${text//"\${$name}"/"${!name}"}
done
printf '%s\n' "$text" >"$tables"

options=(-i "$tables")
[[ $job == - ]] || options+=(-f "$job")
# The address of the cluster: FLINK_JOBMANAGER, or the one in conf/.
[[ -z ${FLINK_JOBMANAGER:-} ]] || options+=("-Drest.address=$FLINK_JOBMANAGER")
"$sql_client" "${options[@]}"
