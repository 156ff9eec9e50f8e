#!/usr/bin/env bash
# Give job.sql (or another file, or "-" for a prompt) to a Flink cluster, through its SQL client:
#   submit.sh [FILE.sql | -]
# KAFKA_BOOTSTRAP_SERVERS and SCHEMA_REGISTRY_URL say where the generator's topic and schemas are.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
sql_client=${FLINK_HOME:-/opt/flink}/bin/sql-client.sh
job=${1:-$here/job.sql}

export KAFKA_BOOTSTRAP_SERVERS=${KAFKA_BOOTSTRAP_SERVERS:-127.0.0.1:9092}
export SCHEMA_REGISTRY_URL=${SCHEMA_REGISTRY_URL:-http://127.0.0.1:8000}
export GERADOR_TOPIC=${GERADOR_TOPIC:-registros}
export FLINK_BOUNDED_MODE=${FLINK_BOUNDED_MODE:-unbounded}

if [[ ! -x $sql_client ]]; then
  echo "submit.sh: $sql_client is not there; set FLINK_HOME to a Flink 2.3 distribution" >&2
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
# Where the cluster is: in a container of its own, or as conf/ says.
[[ -z ${FLINK_JOBMANAGER:-} ]] || options+=("-Drest.address=$FLINK_JOBMANAGER")
"$sql_client" "${options[@]}"
