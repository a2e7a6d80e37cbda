# The functions of the Job that seeds Vault. POSIX sh; the vault command and coreutils or busybox.

# Prints 32 random letters and digits: they can stand in a URL or a shell word as they are.
password() {
  LC_ALL=C tr -dc A-Za-z0-9 </dev/urandom | head -c 32
}

# original SERVICE KEY prints what Vault holds.
original() {
  vault kv get -field="$2" "$SECRETS_PATH/$1"
}

# seed SERVICE KEY=VALUE... writes a service's secret unless there is one. `-cas=0` says the same to
# Vault itself, should another writer come in between.
seed() {
  path=$SECRETS_PATH/$1
  shift
  for pair; do
    [ -n "${pair#*=}" ] || { echo "$path: no value for ${pair%=}" >&2; exit 1; }
  done
  if vault kv get "$path" >/dev/null 2>&1; then
    echo "$path is there already"
  else
    vault kv put -cas=0 "$path" "$@" >/dev/null
    echo "$path written"
  fi
}

until vault status >/dev/null; do
  sleep 1
done
