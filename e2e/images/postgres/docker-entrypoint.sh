#!/bin/bash
# docker-entrypoint.sh [postgres|-OPTION...] [WORD...]
#
# Takes: the variables of the docker library's image: POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB,
# POSTGRES_INITDB_ARGS, POSTGRES_INITDB_WALDIR, POSTGRES_HOST_AUTH_METHOD (each also as NAME_FILE), PGDATA, and the files
# in /docker-entrypoint-initdb.d. Gives: an initialised database cluster at the first start, then the server in place of
# this process. Never: touches a cluster that is already there.
set -Eeuo pipefail
shopt -s nullglob

fail() { echo "docker-entrypoint.sh: $*" >&2; exit 1; }

# from_file NAME [FALLBACK]: NAME from the file that NAME_FILE names, where that is given.
from_file() {
  local name=$1 file=${1}_FILE fallback=${2:-}
  if [ -n "${!name:-}" ] && [ -n "${!file:-}" ]; then fail "$name and $file are both set"; fi
  if [ -n "${!file:-}" ]; then export "$name=$(< "${!file}")"; else export "$name=${!name:-$fallback}"; fi
  unset "$file"
}

initialise() {
  from_file POSTGRES_PASSWORD
  from_file POSTGRES_USER postgres
  from_file POSTGRES_DB "$POSTGRES_USER"
  from_file POSTGRES_INITDB_ARGS
  from_file POSTGRES_INITDB_WALDIR
  : "${POSTGRES_HOST_AUTH_METHOD:=}"
  if [ -z "$POSTGRES_PASSWORD" ] && [ "$POSTGRES_HOST_AUTH_METHOD" != trust ]; then
    fail "the database is not initialised and POSTGRES_PASSWORD is empty (or set POSTGRES_HOST_AUTH_METHOD=trust)"
  fi
  local walk=()
  if [ -n "$POSTGRES_INITDB_WALDIR" ]; then walk=(--waldir "$POSTGRES_INITDB_WALDIR"); fi
  # The options are words, as in the docker library's image.
  eval 'initdb --username="$POSTGRES_USER" --pwfile=<(printf "%s\n" "$POSTGRES_PASSWORD") "${walk[@]}" '"$POSTGRES_INITDB_ARGS"
  printf "\nlisten_addresses = '*'\n" >> "$PGDATA/postgresql.conf"
  printf '\nhost all all all %s\n' "${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}" >> "$PGDATA/pg_hba.conf"

  # Only the socket: nobody outside sees the server before it is ready.
  PGUSER="${PGUSER:-$POSTGRES_USER}" pg_ctl -D "$PGDATA" -o "$(printf '%q ' "$@" -c listen_addresses= -p 5432)" -w start
  run() { psql -v ON_ERROR_STOP=1 --no-psqlrc --username "$POSTGRES_USER" --no-password "$@"; }
  if [ "$POSTGRES_DB" != postgres ]; then
    run --dbname postgres --set db="$POSTGRES_DB" <<< 'CREATE DATABASE :"db";' > /dev/null
  fi
  local file
  for file in /docker-entrypoint-initdb.d/*; do
    echo "docker-entrypoint.sh: $file"
    case $file in
      *.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
      *.sql) run --dbname "$POSTGRES_DB" -f "$file" ;;
      *.sql.gz) gunzip -c "$file" | run --dbname "$POSTGRES_DB" ;;
      *) echo "docker-entrypoint.sh: ignoring $file" ;;
    esac
  done
  PGUSER="${PGUSER:-$POSTGRES_USER}" pg_ctl -D "$PGDATA" -m fast -w stop
  unset PGPASSWORD
  echo "docker-entrypoint.sh: initialised; the server starts"
}

if [ $# -eq 0 ] || [ "${1#-}" != "$1" ]; then set -- postgres "$@"; fi
if [ "$1" != postgres ]; then exec "$@"; fi
mkdir -p "$PGDATA"
chmod 00700 "$PGDATA" || true
mkdir -p /var/run/postgresql 2> /dev/null || true
if [ "$(id -u)" = 0 ]; then
  find "$PGDATA" /var/run/postgresql \! -user postgres -exec chown postgres {} +
  exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$0" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then initialise "${@:2}"; fi
exec "$@"
