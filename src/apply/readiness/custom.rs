//! Verdicts on custom resources: by the conditions that their controllers are known to set, else
//! by `Ready` or `Available`; one without conditions is ready.

use serde_json::Value;

use super::{Verdict, condition, words};

/// What the controller of a kind reports when it is done.
struct Known {
    group: &'static str,
    kind: &'static str,
    /// The condition that must be true.
    condition: &'static str,
    /// What to say before the controller has reported anything.
    before: &'static str,
}

const fn known(
    group: &'static str,
    kind: &'static str,
    condition: &'static str,
    before: &'static str,
) -> Known {
    Known {
        group,
        kind,
        condition,
        before,
    }
}

/// Kinds whose controllers always set a condition: its absence means that they have not come to
/// the object yet.
const KNOWN: &[Known] = &[
    known(
        "cert-manager.io",
        "Certificate",
        "Ready",
        "cert-manager has not seen it yet",
    ),
    known(
        "cert-manager.io",
        "CertificateRequest",
        "Ready",
        "cert-manager has not seen it yet",
    ),
    known(
        "cert-manager.io",
        "Issuer",
        "Ready",
        "cert-manager has not seen it yet",
    ),
    known(
        "cert-manager.io",
        "ClusterIssuer",
        "Ready",
        "cert-manager has not seen it yet",
    ),
    known(
        "ricoberger.de",
        "VaultSecret",
        "SecretCreated",
        "vault-secrets-operator has not seen it yet",
    ),
    known(
        "external-secrets.io",
        "ExternalSecret",
        "Ready",
        "its operator has not seen it yet",
    ),
    known(
        "external-secrets.io",
        "SecretStore",
        "Ready",
        "its operator has not seen it yet",
    ),
    known(
        "external-secrets.io",
        "ClusterSecretStore",
        "Ready",
        "its operator has not seen it yet",
    ),
    known(
        "bitnami.com",
        "SealedSecret",
        "Synced",
        "its controller has not seen it yet",
    ),
    known(
        "kafka.strimzi.io",
        "Kafka",
        "Ready",
        "Strimzi has not seen it yet",
    ),
    known(
        "kafka.strimzi.io",
        "KafkaTopic",
        "Ready",
        "Strimzi has not seen it yet",
    ),
    known(
        "kafka.strimzi.io",
        "KafkaUser",
        "Ready",
        "Strimzi has not seen it yet",
    ),
    known(
        "kafka.strimzi.io",
        "KafkaConnect",
        "Ready",
        "Strimzi has not seen it yet",
    ),
    known(
        "postgresql.cnpg.io",
        "Cluster",
        "Ready",
        "its operator has not seen it yet",
    ),
    known(
        "monitoring.coreos.com",
        "Prometheus",
        "Available",
        "its operator has not seen it yet",
    ),
    known(
        "monitoring.coreos.com",
        "Alertmanager",
        "Available",
        "its operator has not seen it yet",
    ),
];

pub(super) fn resource(group: &str, kind: &str, live: &Value) -> Verdict {
    if let Some(stalled) = condition(live, "Stalled").filter(|it| it["status"] == "True") {
        return Verdict::Failed(words(stalled));
    }
    if let Some(busy) = condition(live, "Reconciling").filter(|it| it["status"] == "True") {
        return Verdict::Progressing(words(busy));
    }
    if let Some(known) = KNOWN
        .iter()
        .find(|known| known.group == group && known.kind == kind)
    {
        return match condition(live, known.condition) {
            Some(found) => by_condition(live, found),
            None => Verdict::Progressing(known.before.to_owned()),
        };
    }
    match condition(live, "Ready").or_else(|| condition(live, "Available")) {
        Some(found) => by_condition(live, found),
        None => Verdict::Ready,
    }
}

/// A condition may carry the generation that it was set for, even where the status does not.
fn by_condition(live: &Value, found: &Value) -> Verdict {
    let generation = live.pointer("/metadata/generation").and_then(Value::as_i64);
    let observed = found["observedGeneration"].as_i64();
    if let (Some(generation), Some(observed)) = (generation, observed)
        && observed < generation
    {
        return Verdict::Progressing("its controller has not seen the change yet".to_owned());
    }
    if found["status"] == "True" {
        Verdict::Ready
    } else {
        Verdict::Progressing(words(found))
    }
}

/// Argo CD's own verdict on an Application.
pub(super) fn application(live: &Value) -> Verdict {
    let text = |pointer: &str| {
        live.pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or("Unknown")
    };
    let sync = text("/status/sync/status");
    let health = text("/status/health/status");
    if sync == "Synced" && health == "Healthy" {
        return Verdict::Ready;
    }
    let failure = live
        .pointer("/status/conditions")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .find(|condition| {
            condition["type"]
                .as_str()
                .is_some_and(|name| name.ends_with("Error"))
        });
    if let Some(failure) = failure {
        return Verdict::Progressing(words(failure));
    }
    if live.pointer("/status/sync/status").is_none() {
        return Verdict::Progressing("Argo CD has not compared it yet".to_owned());
    }
    Verdict::Progressing(format!("{sync}, {health}"))
}
