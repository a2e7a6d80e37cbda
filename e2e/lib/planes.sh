# Which cluster stands, and which form of kind this machine takes. Sourced after lib/common.sh.

# standing: whether the cluster of `up` is there.
standing() {
  [ -f "$clusters/up/environment" ] || return 1
  [ -f "$clusters/up/holder" ] || return 0
  # The number of a process may be in use again after a restart of the machine: look whether it is ours.
  [ -r "/proc/$(cat "$clusters/up/holder")/cmdline" ] && grep -qz isolated "/proc/$(cat "$clusters/up/holder")/cmdline"
}
forget() { rm -rf "$clusters/up"; }

# inner: the process, as seen from here, that is the first of the cluster's PID namespace.
inner() {
  local unshare
  unshare=$(pgrep -P "$(cat "$clusters/up/holder")" -x unshare)
  pgrep -P "$unshare"
}

# sweep NUMBER: removes what the cluster of a slot left when it ended: its cgroups, and the state of its run.
sweep() {
  local hierarchy group=firstlight-e2e-$1
  # A cgroup can be removed once its processes are gone, which the end of their PID namespace brings about.
  for _ in $(seq 50); do
    for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/*; do
      [ -d "$hierarchy/$group" ] || continue
      find "$hierarchy/$group" -depth -type d -exec rmdir {} + 2> /dev/null || true
    done
    compgen -G "/sys/fs/cgroup/$group" > /dev/null || compgen -G "/sys/fs/cgroup/*/$group" > /dev/null || break
    sleep 0.1
  done
  # docker's store stays, since the node image is in it.
  rm -rf "$clusters/slot-$1/run" "$clusters/slot-$1/node" "$clusters/slot-$1/scale" 2> /dev/null || true
}

# sweep_all: the same for every slot that no living cluster holds.
sweep_all() {
  local lock file number
  for file in "$clusters"/slot-*.lock; do
    [ -e "$file" ] || continue
    exec {lock}>> "$file"
    number=${file##*/slot-}
    if flock -n "$lock"; then sweep "${number%.lock}"; fi
    exec {lock}>&-
  done
}

# kind_form: official where docker runs and may pull, offline where e2e must make everything itself.
kind_form() {
  if [ -n "${E2E_KIND:-}" ]; then
    case $E2E_KIND in offline | official) echo "$E2E_KIND"; return ;; *) fail "E2E_KIND is offline or official, not $E2E_KIND" ;; esac
  fi
  if [ "${CI:-}" != true ] && command -v kind > /dev/null && docker info > /dev/null 2>&1; then echo official; else echo offline; fi
}

# official_up FOLDER: a cluster by the kind on PATH and its own node image, on the machine's docker.
official_up() {
  local image=kindest/node:v1.34.0 gateway ingress
  command -v kind > /dev/null || fail "kind is missing" "get it from https://kind.sigs.k8s.io/docs/user/quick-start/#installation"
  command -v kubectl > /dev/null || fail "kubectl is missing" "get it from https://kubernetes.io/docs/tasks/tools/"
  docker info > /dev/null 2>&1 || fail "docker does not answer: start it, or use E2E_KIND=offline (root on Debian)"
  . "$e2e/kind/configuration.sh"
  mkdir -p "$1/audit"
  kind_configuration "$1/kind.yaml" "$1/audit"
  kind create cluster --name firstlight --image "$image" --config "$1/kind.yaml" --kubeconfig "$1/kubeconfig" --wait 180s
  gateway=$(docker network inspect kind -f '{{range .IPAM.Config}}{{.Gateway}} {{end}}' | tr ' ' '\n' | grep -m 1 '^[0-9.]*$')
  ingress=127.0.0.1
  if [ "$(uname)" != Linux ]; then gateway=host.docker.internal; fi
  printf 'export %s=%q\n' KUBECONFIG "$1/kubeconfig" E2E_PLANE kind E2E_CONTEXT kind-firstlight \
    E2E_AUDIT_LOG "$1/audit/audit.log" E2E_LOGS "$1" E2E_GATEWAY "$gateway" E2E_INGRESS "$ingress" > "$1/environment"
}
official_down() { kind delete cluster --name firstlight; }
