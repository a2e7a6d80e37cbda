# What a cluster without kubelets is made of: takes the Go modules of kind/ and kwok/, gives paths of programs,
# never starts anything. Sourced after lib/common.sh.

. "$e2e/kind/artifacts.sh"

scale_all() {
  need_root "a cluster in namespaces of its own"
  need_packages "ip iproute2" "unshare util-linux" "setpriv util-linux" "openssl openssl" "curl curl" "git git" "jq jq"
  kube_program
  program etcd "$e2e/kind/etcd"; etcd=$REPLY
  program kind "$e2e/kind/kind"; kind=$REPLY
  program kwok "$e2e/scale/kwok"; kwok=$REPLY
  kind_commands
}
