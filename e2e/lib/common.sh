# What every script of e2e shares: where things lie, how to speak, and artifacts that are built once.
# Takes nothing, gives functions and variables, never starts anything. Sourced after `set -euo pipefail`.

e2e=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
repository=$(dirname "$e2e")
cache=${FIRSTLIGHT_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/firstlight}/e2e
clusters=$cache/clusters

say() { printf 'e2e: %s\n' "$*" >&2; }
fail() { printf 'e2e: %s\n' "$@" >&2; exit 1; }

# usage: prints the comment at the head of the calling script.
usage() { sed -n '2,/^[^#]/{/^#/!d; s/^# \{0,1\}//; p}' "$0"; }

# digest WORD...: one short digest of the words and, for those that are files, of what is in them. What lies in the
# cache carries a digest in its path already.
digest() {
  local word
  for word in "$@"; do
    printf '%s\n' "${word#"$e2e"/}"
    case $word in "$cache"/*) continue ;; esac
    if [ -f "$word" ]; then cat "$word"; fi
  done | sha256sum | cut -c 1-16
}

# artifact NAME KEY MAKE...: sets $REPLY to the folder of this artifact. Where it is not there yet, `MAKE... FOLDER`
# fills an unfinished one that is renamed at the end, under a lock: a broken build leaves nothing that could be taken
# for a whole one, and two runs do not build twice. Never call it behind `||` or in `if`: bash would ignore errors in MAKE.
artifact() {
  local name=$1 key=$2 folder=$cache/$1/$2 unfinished log lock code began=$SECONDS
  shift 2
  if [ ! -d "$folder" ]; then
    mkdir -p "$cache/$name"
    exec {lock}> "$cache/$name/.lock"
    flock "$lock"
    if [ ! -d "$folder" ]; then
      rm -rf "$cache/$name"/.unfinished.*
      unfinished=$(mktemp -d "$cache/$name/.unfinished.XXXXXX")
      chmod 755 "$unfinished"
      log=$cache/$name/build.log
      say "building $name (log: $log)"
      set +e
      (set -e; "$@" "$unfinished") > "$log" 2>&1 {lock}>&-
      code=$?
      set -e
      if [ "$code" != 0 ]; then
        tail -n 25 "$log" >&2
        rm -rf "$unfinished"
        fail "building $name failed (exit code $code); its whole log: $log"
      fi
      mv -T "$unfinished" "$folder"
      # What other inputs gave before: the three newest stay, for checkouts that take turns, and what was used lately.
      find "$cache/$name" -mindepth 1 -maxdepth 1 -type d ! -name "$key" -mmin +180 -printf '%T@ %p\n' |
        sort -rn | tail -n +4 | cut -d ' ' -f 2- | xargs -r -d '\n' rm -rf
      say "built $name in $((SECONDS - began)) s"
    fi
    exec {lock}>&-
  fi
  touch "$folder"
  REPLY=$folder
}

# program NAME FOLDER [LDFLAGS]: sets $REPLY to the program built from the Go module in FOLDER.
program() {
  local key
  need_go
  key=$(digest "$(go env GOVERSION)" "${3:-}" "$2"/go.mod "$2"/go.sum "$2"/*.go)
  artifact "program-$1" "$key" make_program "$1" "$2" "${3:-}"
  REPLY=$REPLY/$1
}
make_program() {
  cd "$2"
  GOWORK=off CGO_ENABLED=0 GOFLAGS='-mod=readonly -buildvcs=false' go build -trimpath -ldflags "-s -w $3" -o "$4/$1" .
}

need_go() {
  [ -z "${go_is_good:-}" ] || return 0
  command -v go > /dev/null || fail "Go 1.26 or newer is missing: it builds the cluster's programs." "get it from https://go.dev/dl/ and put it on PATH"
  case $(go env GOVERSION) in
    go1.[0-9] | go1.[0-9].* | go1.1[0-9]* | go1.2[0-5]*) fail "Go 1.26 or newer is needed, this is $(go env GOVERSION)" "get it from https://go.dev/dl/" ;;
  esac
  go_is_good=1
}

# need_packages "COMMAND-OR-PATH PACKAGE"...: all must be there; CI installs what lacks, a person is told how.
need_packages() {
  local pair probe missing=()
  for pair in "$@"; do
    probe=${pair% *}
    case $probe in
      /*) [ -e "$probe" ] || missing+=("${pair#* }") ;;
      *) command -v "$probe" > /dev/null || [ -x "/usr/sbin/$probe" ] || missing+=("${pair#* }") ;;
    esac
  done
  [ ${#missing[@]} != 0 ] || return 0
  mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)
  if [ "${CI:-}" = true ] && [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
    say "installing ${missing[*]}"
    local policy=/usr/sbin/policy-rc.d
    # No service may start from an installation: e2e starts its own daemons in namespaces of their own.
    [ ! -e "$policy" ] && printf '#!/bin/sh\nexit 101\n' > "$policy" && chmod +x "$policy" || policy=
    apt-get update -qq > /dev/null
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}" > /dev/null
    [ -z "$policy" ] || rm "$policy"
    return
  fi
  fail "missing: ${missing[*]}" "on Debian or Ubuntu: sudo apt-get install --no-install-recommends ${missing[*]}"
}

need_root() {
  [ "$(id -u)" = 0 ] || fail "root is needed for $1: it makes namespaces, mounts and containers" "run it again with: sudo -E $0"
}
