# What an offline kind cluster is made of: takes the Go modules beside it and Debian's packages, gives paths of
# programs, node image and image store in the cache, never starts a cluster. Sourced after lib/common.sh.

kubernetes=v1.34.4
node_name=firstlight/node:$kubernetes

kind_needs() {
  need_root "an offline kind cluster"
  need_packages "dockerd docker.io" "docker docker.io" "containerd containerd" "ctr containerd" "runc runc" "iptables iptables" \
    "/usr/lib/cni/bridge containernetworking-plugins" "mmdebstrap mmdebstrap" "git git" "jq jq" "ip iproute2" \
    "unshare util-linux" "setpriv util-linux" "python3 python3-minimal" "curl curl" "/etc/ssl/certs/ca-certificates.crt ca-certificates"
}

# Programs: sets kube, etcd, coredns, kind, pause, provisioner to their paths.
kind_programs() {
  local version=k8s.io/component-base/version
  kube_program
  program etcd "$e2e/kind/etcd"; etcd=$REPLY
  program coredns "$e2e/kind/coredns"; coredns=$REPLY
  program kind "$e2e/kind/kind"; kind=$REPLY
  program pause "$e2e/kind/pause"; pause=$REPLY
  program provisioner "$e2e/kind/provisioner"; provisioner=$REPLY
}
kube_program() {
  local version=k8s.io/component-base/version minor=${kubernetes#v1.}
  program kube "$e2e/kind/kube" "-X $version.gitVersion=$kubernetes -X $version.gitMajor=1 -X $version.gitMinor=${minor%%.*} -X $version.gitTreeState=clean"
  kube=$REPLY
}

# A folder of commands for PATH: sets commands.
kind_commands() {
  artifact commands "$(digest "$kube" "$kind" links-1)" make_commands
  commands=$REPLY
}
make_commands() {
  local name
  for name in kubectl kubeadm kube-apiserver kube-controller-manager kube-scheduler; do ln -s "$kube" "$1/$name"; done
  ln -s "$etcd" "$1/etcd"
  ln -s "$kind" "$1/kind"
}

# Debian roots, as layers: sets root_node and root_proxy.
kind_roots() {
  local suite=bookworm
  local node=systemd,systemd-sysv,dbus,containerd,runc,iptables,nftables,iproute2,conntrack,socat,ethtool,ebtables,kmod,mount,util-linux,procps,hostname,ca-certificates,containernetworking-plugins
  local proxy=iptables,conntrack,kmod,nftables
  artifact root-node "$(digest "$suite" "$node" root-1)" make_root "$suite" "$node"; root_node=$REPLY/root.tar
  artifact root-proxy "$(digest "$suite" "$proxy" root-1)" make_root "$suite" "$proxy"; root_proxy=$REPLY/root.tar
}
make_root() {
  mmdebstrap --quiet --variant=minbase --include="$2" \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    "$1" "$3/root.tar"
}

# layer OUT.tar PATH FILE [LINK...]: one file in a layer, with links to it beside it. Same input, same bytes.
layer() {
  local out=$1 path=$2 file=$3 folder link
  shift 3
  folder=$(mktemp -d)
  mkdir -p "$folder/$(dirname "$path")"
  cp "$file" "$folder/$path"
  for link in "$@"; do ln -s "$(basename "$path")" "$folder/$(dirname "$path")/$link"; done
  pack "$folder" "$out"
  rm -rf "$folder"
}
pack() { chmod 755 "$1"; tar -C "$1" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf "$2" .; }

# The images that kubeadm asks for, as archives: sets images.
kind_images() {
  artifact kind-images "$(digest "$e2e/images/archive.py" "$kube" "$etcd" "$coredns" "$pause" "$provisioner" "$root_proxy" images-1)" make_images
  images=$REPLY
}
make_images() {
  local out=$1 name layers
  layers=$(mktemp -d)
  layer "$layers/kube.tar" usr/local/bin/kube "$kube" kube-apiserver kube-controller-manager kube-scheduler kube-proxy
  layer "$layers/etcd.tar" usr/local/bin/etcd "$etcd"
  layer "$layers/coredns.tar" coredns "$coredns"
  layer "$layers/pause.tar" pause "$pause"
  layer "$layers/provisioner.tar" provisioner "$provisioner"
  archive() { "$e2e/images/archive.py" "$out/$@"; }
  for name in kube-apiserver kube-controller-manager kube-scheduler; do
    archive $name.tar "registry.k8s.io/$name:$kubernetes" "$layers/kube.tar" -- /usr/local/bin/$name
  done
  archive kube-proxy.tar "registry.k8s.io/kube-proxy:$kubernetes" "$root_proxy" "$layers/kube.tar" -- /usr/local/bin/kube-proxy
  archive etcd.tar registry.k8s.io/etcd:3.6.5-0 "$layers/etcd.tar" -- /usr/local/bin/etcd
  archive coredns.tar registry.k8s.io/coredns/coredns:v1.12.1 "$layers/coredns.tar" -- /coredns
  archive pause.tar registry.k8s.io/pause:3.10,registry.k8s.io/pause:3.10.1 "$layers/pause.tar" -- /pause
  archive provisioner.tar firstlight.dev/provisioner:1 "$layers/provisioner.tar" -- /provisioner
  rm -rf "$layers"
}

# The node image: sets node_image to its archive and node_key to its key.
kind_node() {
  local files
  mapfile -t files < <(find "$e2e/kind/node" -type f | sort)
  node_key=$(digest "$e2e/images/archive.py" "$root_node" "$kube" "$(ls /usr/lib/cni)" "${files[@]}" node-1)
  artifact node-image "$node_key" make_node
  node_image=$REPLY/node.tar
}
make_node() {
  local node name
  node=$(mktemp -d)
  mkdir -p "$node"/{usr/bin,usr/local/bin,opt/cni/bin,kind/manifests,etc/cni/net.d,etc/containerd/certs.d,etc/systemd/system/multi-user.target.wants}
  install -m 755 "$e2e/kind/node/entrypoint" "$node/usr/local/bin/entrypoint"
  install -m 644 "$e2e/kind/node/containerd.toml" "$node/etc/containerd/config.toml"
  install -m 644 "$e2e/kind/node/pods.conflist" "$node/etc/cni/net.d/10-pods.conflist"
  install -m 644 "$e2e/kind/node/default-storage.yaml" "$node/kind/manifests/default-storage.yaml"
  install -m 644 "$e2e"/kind/node/*.{service,slice} "$node/etc/systemd/system/"
  for name in containerd kubelet; do ln -s "/etc/systemd/system/$name.service" "$node/etc/systemd/system/multi-user.target.wants/$name.service"; done
  cp "$kube" "$node/usr/bin/kube"
  for name in kubelet kubeadm kubectl; do ln -s kube "$node/usr/bin/$name"; done
  cp /usr/lib/cni/* "$node/opt/cni/bin/"
  echo "$kubernetes" > "$node/kind/version"
  pack "$node" "$1/layer.tar"
  "$e2e/images/archive.py" "$1/node.tar" "$node_name" --env container=docker --stop SIGRTMIN+3 "$root_node" "$1/layer.tar" -- /usr/local/bin/entrypoint /sbin/init
  rm -rf "$node" "$1/layer.tar"
}

# The node's containerd store with every image unpacked in it, those of the services too: sets store.
# Importing at the start of each cluster would cost half a minute; this is imported once, and a cluster gets hard links.
kind_store() {
  local archives
  mapfile -t archives < <(ls "$images"/*.tar "$cache"/images/*.tar 2> /dev/null)
  artifact kind-store "$(digest "$(containerd --version)" "$(stat -c '%n %s %Y' "${archives[@]}")" store-1)" make_store "${archives[@]}"
  store=$REPLY
}
make_store() {
  local folder=${!#}
  unshare --mount --pid --fork --mount-proc --kill-child "$e2e/kind/import" "$folder" "${@:1:$#-1}"
}

# Everything, with Debian's roots made beside the compilers.
kind_all() {
  local roots
  kind_needs
  kind_roots &
  roots=$!
  kind_programs
  kind_commands
  wait "$roots" || exit 1
  kind_roots
  kind_images
  kind_node
  kind_store
}

. "$e2e/kind/configuration.sh"
