# Starts etcd, the API server, controller-manager, scheduler and KWOK as processes on loopback: takes $slot and $run,
# gives $context, $gateway, $ingress and $commands. Sourced by lib/session.
#
# Pods become ready after the delay that their annotation e2e.firstlight.dev/ready-after names (such as 5s), at once
# without it; pods of Jobs end after e2e.firstlight.dev/done-after. E2E_NODES is the number of nodes (5).

. "$e2e/scale/artifacts.sh"
scale_all
log=$run/log data=$slot/scale
rm -rf "$data"; mkdir -p "$data/certificates"
gateway=127.0.0.1 ingress=127.0.0.1 context=scale-firstlight
PATH=$commands:$PATH

openssl genrsa -out "$data/accounts.key" 2048 2> /dev/null
{
  echo "admin,admin,admin,system:masters"
  echo "controllers,system:kube-controller-manager,controllers"
  echo "scheduler,system:kube-scheduler,scheduler"
  echo "kubelets,kwok,kwok,system:masters"
} > "$data/tokens.csv"

# scale_kubeconfig FILE TOKEN: access with one of these tokens.
scale_kubeconfig() {
  cat > "$1" <<CONFIGURATION
apiVersion: v1
kind: Config
current-context: $context
clusters: [{name: $context, cluster: {server: "https://127.0.0.1:6443", certificate-authority-data: $(base64 -w 0 "$data/certificates/apiserver.crt")}}]
users: [{name: $context, user: {token: $2}}]
contexts: [{name: $context, context: {cluster: $context, user: $context}}]
CONFIGURATION
}

"$etcd" --data-dir "$data/etcd" --unsafe-no-fsync --log-level warn \
  --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
  --listen-peer-urls http://127.0.0.1:2380 > "$log/etcd.log" 2>&1 &
kube-apiserver --etcd-servers http://127.0.0.1:2379 --cert-dir "$data/certificates" \
  --bind-address 127.0.0.1 --secure-port 6443 --advertise-address 127.0.0.1 --endpoint-reconciler-type none \
  --service-cluster-ip-range 10.96.0.0/16 --authorization-mode Node,RBAC --token-auth-file "$data/tokens.csv" \
  --service-account-issuer https://kubernetes.default.svc --service-account-key-file "$data/accounts.key" \
  --service-account-signing-key-file "$data/accounts.key" --allow-privileged \
  --audit-policy-file "$e2e/lib/audit-policy.yaml" --audit-log-path "$run/audit/audit.log" > "$log/kube-apiserver.log" 2>&1 &
for _ in $(seq 300); do
  ! curl -fsk -o /dev/null https://127.0.0.1:6443/readyz || break
  sleep 0.1
done
scale_kubeconfig "$run/kubeconfig" admin
scale_kubeconfig "$data/controllers" controllers
scale_kubeconfig "$data/scheduler" scheduler
scale_kubeconfig "$data/kubelets" kubelets
export KUBECONFIG=$run/kubeconfig
kube-controller-manager --kubeconfig "$data/controllers" --authentication-kubeconfig "$data/controllers" \
  --authorization-kubeconfig "$data/controllers" --cert-dir "$data/certificates" --leader-elect=false \
  --service-account-private-key-file "$data/accounts.key" --root-ca-file "$data/certificates/apiserver.crt" \
  --use-service-account-credentials --node-monitor-period 500ms --kube-api-qps 500 --kube-api-burst 1000 \
  --concurrent-deployment-syncs 20 --concurrent-replicaset-syncs 20 --concurrent-job-syncs 20 --concurrent-statefulset-syncs 20 \
  --allocate-node-cidrs=false > "$log/kube-controller-manager.log" 2>&1 &
kube-scheduler --kubeconfig "$data/scheduler" --authentication-kubeconfig "$data/scheduler" \
  --authorization-kubeconfig "$data/scheduler" --cert-dir "$data/certificates" --leader-elect=false \
  --kube-api-qps 500 --kube-api-burst 1000 > "$log/kube-scheduler.log" 2>&1 &
"$kwok" --kubeconfig "$data/kubelets" --config "$e2e/scale/stages.yaml" --manage-all-nodes \
  --node-lease-duration-seconds 40 > "$log/kwok.log" 2>&1 &

for number in $(seq 0 $((${E2E_NODES:-5} - 1))); do
  cat <<NODE
---
apiVersion: v1
kind: Node
metadata:
  name: node-$number
  labels: {kubernetes.io/hostname: node-$number, kubernetes.io/os: linux, kubernetes.io/arch: amd64}
NODE
done | kubectl create -f - > /dev/null
kubectl wait --for condition=Ready nodes --all --timeout 60s > /dev/null
# Pods need their service account, which the controller-manager makes a moment later.
for _ in $(seq 100); do ! kubectl -n default get serviceaccount default > /dev/null 2>&1 || break; sleep 0.1; done
