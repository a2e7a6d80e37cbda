#!/bin/sh
# The command, below tini where this is the container's first process, so that no dead process stays.
if [ "$$" = 1 ]; then exec tini -- "$@"; fi
exec "$@"
