#!/bin/sh
# gpg for Argo CD's signature checks: what it says goes to standard output, and a bad signature (1) is not a failure.
said=$(gpg "$@" 2>&1)
code=$?
if [ "$code" -gt 1 ]; then
  printf '%s\n' "$said" >&2
  exit "$code"
fi
printf '%s\n' "$said"
