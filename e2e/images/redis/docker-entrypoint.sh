#!/bin/sh
# docker-entrypoint.sh [WORD...]: redis-server with these options or this configuration file, or another command.
set -e
case "${1:-}" in
  "" | -* | *.conf) set -- redis-server "$@" ;;
esac
if [ "$1" = redis-server ] && [ "$(id -u)" = 0 ]; then
  chown redis:redis .
  exec setpriv --reuid=redis --regid=redis --init-groups -- "$@"
fi
exec "$@"
