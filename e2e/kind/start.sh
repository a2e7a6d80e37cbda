# Starts an offline kind cluster in the present namespaces: takes $slot and $run, gives $context, $gateway, $ingress
# and $commands, leaves containerd and dockerd running. Sourced by lib/session.

. "$e2e/kind/artifacts.sh"
kind_all
log=$run/log
PATH=$commands:$PATH
export KUBECONFIG=$run/kubeconfig

# The node's image store, as hard links: what a cluster adds stays its own, what it may change is copied.
link_store() {
  rm -rf "$slot/node"
  cp -al "$store" "$slot/node"
  find "$slot/node" -maxdepth 2 -name '*.db' -exec sh -c 'cp "$1" "$1.copy" && mv "$1.copy" "$1"' sh {} \;
}

start_docker() {
  local wrapper=
  mkdir -p /etc/docker "$slot/docker" "$slot/containerd"
  mount -t tmpfs tmpfs /etc/docker
  # Bit 24 of the bounding set is CAP_SYS_RESOURCE.
  if (( (0x$(sed -n 's/^CapBnd:\t//p' /proc/self/status) >> 24 & 1) == 0 )); then
    wrapper=', "runtimes": {"mended": {"path": "'$e2e/kind/runc-without-sys-resource'"}}, "default-runtime": "mended"'
  fi
  cat > "$run/daemon.json" <<DAEMON
{"data-root": "$slot/docker", "exec-root": "/run/docker", "containerd": "/run/containerd/containerd.sock",
 "storage-driver": "overlay2", "cgroup-parent": "/$E2E_GROUP", "log-driver": "json-file"$wrapper}
DAEMON
  cat > "$run/containerd.toml" <<CONTAINERD
version = 2
root = "$slot/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
CONTAINERD
  modprobe -q br_netfilter overlay 2> /dev/null || true
  containerd -c "$run/containerd.toml" > "$log/containerd.log" 2>&1 &
  for _ in $(seq 100); do [ ! -S /run/containerd/containerd.sock ] || break; sleep 0.1; done
  dockerd --config-file "$run/daemon.json" > "$log/dockerd.log" 2>&1 &
  for _ in $(seq 150); do ! docker info > /dev/null 2>&1 || return 0; sleep 0.1; done
  tail -n 20 "$log/containerd.log" "$log/dockerd.log" >&2
  fail "docker did not start"
}

link_store &
linking=$!
start_docker
# What a killed run left in docker's store, and images of other versions.
docker ps -aq | xargs -r docker rm -fv > /dev/null
if [ "$(cat "$slot/node-key" 2> /dev/null)" != "$node_key" ] || ! docker image inspect "$node_name" > /dev/null 2>&1; then
  rm -f "$slot/node-key"
  docker images -q | xargs -r docker rmi -f > /dev/null
  docker load -q -i "$node_image" > /dev/null
  echo "$node_key" > "$slot/node-key"
fi
# A network at a known address, so that scenarios can serve Git at its gateway.
docker network inspect kind > /dev/null 2>&1 ||
  docker network create kind --driver bridge --subnet 172.18.0.0/16 --gateway 172.18.0.1 \
    -o com.docker.network.bridge.enable_ip_masquerade=true -o com.docker.network.driver.mtu=1500 > /dev/null
wait "$linking"
kind_configuration "$run/kind.yaml" "$run/audit" "$slot/node"
if ! kind create cluster --name firstlight --image "$node_name" --config "$run/kind.yaml" --wait 180s > "$log/kind.log" 2>&1; then
  cat "$log/kind.log" >&2
  docker logs firstlight-control-plane 2>&1 | tail -n 30 >&2 || true
  fail "kind made no cluster"
fi
# A cluster is taken for ready when it can resolve names.
kubectl --namespace kube-system rollout status daemonset/kube-proxy --timeout 60s > "$log/rollout.log"
kubectl --namespace kube-system rollout status deployment/coredns --timeout 60s >> "$log/rollout.log"
context=kind-firstlight
gateway=172.18.0.1
ingress=$(docker inspect -f '{{.NetworkSettings.Networks.kind.IPAddress}}' firstlight-control-plane)
