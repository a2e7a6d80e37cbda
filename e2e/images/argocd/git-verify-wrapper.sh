#!/bin/sh
# git-verify-wrapper.sh REVISION: the signature of an annotated tag, or else of a commit, as text for Argo CD to read.
revision=${1:?git-verify-wrapper.sh REVISION}
kind=commit
if git describe --exact-match "$revision" > /dev/null 2>&1; then kind=tag; fi
said=$(git "verify-$kind" "$revision" 2>&1)
code=$?
if [ "$code" -gt 1 ]; then
  printf '%s\n' "$said" >&2
  exit "$code"
fi
# A tag without a signature is told as an error; for Argo CD that is simply no signature.
case "$kind:$said" in tag:error:*) said= ;; esac
printf '%s\n' "$said"
