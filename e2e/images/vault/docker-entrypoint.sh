#!/bin/sh
# docker-entrypoint.sh WORD...: `vault WORD...`, or another command; as the official image starts.
case "${1:-server}" in
  server | status | kv | read | write | list | delete | policy | auth | secrets | token | login | version | -*) exec vault "$@" ;;
esac
exec "$@"
