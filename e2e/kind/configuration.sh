# kind's configuration of the cluster, the same offline and with kind's own images. Sourced; starts nothing.

# kind_configuration FILE AUDIT-FOLDER [STORE]: writes kind's configuration.
kind_configuration() {
  local store_mount= networking=
  if [ -n "${3:-}" ]; then
    store_mount="      - {hostPath: \"$3\", containerPath: /var/lib/containerd}"
    networking='networking: {disableDefaultCNI: true}'
  fi
  cat > "$1" <<CONFIGURATION
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
name: firstlight
$networking
nodes:
  - role: control-plane
    extraMounts:
      - {hostPath: "$e2e/lib/audit-policy.yaml", containerPath: /etc/kubernetes/audit/policy.yaml, readOnly: true}
      - {hostPath: "$2", containerPath: /var/log/kubernetes}
$store_mount
    extraPortMappings:
      - {containerPort: 80, hostPort: ${E2E_HTTP_PORT:-80}, listenAddress: 127.0.0.1}
      - {containerPort: 443, hostPort: ${E2E_HTTPS_PORT:-443}, listenAddress: 127.0.0.1}
    kubeadmConfigPatches:
      - |
        kind: ClusterConfiguration
        apiServer:
          extraArgs:
            audit-policy-file: /etc/kubernetes/audit/policy.yaml
            audit-log-path: /var/log/kubernetes/audit.log
          extraVolumes:
            - {name: audit-policy, hostPath: /etc/kubernetes/audit, mountPath: /etc/kubernetes/audit, readOnly: true, pathType: Directory}
            - {name: audit-log, hostPath: /var/log/kubernetes, mountPath: /var/log/kubernetes, readOnly: false, pathType: DirectoryOrCreate}
        etcd:
          local:
            extraArgs:
              # The cluster lives for minutes: nothing is lost that anybody wants back.
              unsafe-no-fsync: "true"
CONFIGURATION
}
