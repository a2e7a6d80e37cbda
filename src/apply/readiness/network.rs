//! Verdicts on what others reach: Service, Ingress, and webhooks with their endpoints.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Verdict;

fn has_address(live: &Value) -> bool {
    live.pointer("/status/loadBalancer/ingress")
        .and_then(Value::as_array)
        .is_some_and(|addresses| !addresses.is_empty())
}

pub(super) fn service(live: &Value) -> Verdict {
    if live["spec"]["type"] == "LoadBalancer" && !has_address(live) {
        return Verdict::Progressing("no load balancer address yet".to_owned());
    }
    Verdict::Ready
}

pub(super) fn ingress(live: &Value) -> Verdict {
    if has_address(live) {
        Verdict::Ready
    } else {
        Verdict::Progressing("no address yet: its ingress controller has not taken it".to_owned())
    }
}

/// Answers whether a Service has a ready endpoint: namespace, then name.
pub type Endpoints<'a> = dyn Fn(&str, &str) -> bool + 'a;

/// Tells whether an `EndpointSlice` holds a ready endpoint of a Service.
pub fn is_ready_endpoint_of(slice: &Value, namespace: &str, service: &str) -> bool {
    slice["metadata"]["namespace"] == namespace
        && slice["metadata"]["labels"]["kubernetes.io/service-name"] == service
        && slice["endpoints"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|endpoint| {
                endpoint["conditions"]["ready"] != false
                    && endpoint["addresses"]
                        .as_array()
                        .is_some_and(|them| !them.is_empty())
            })
}

/// Returns the Services, as namespace and name, that a webhook configuration calls.
pub fn webhook_services(configuration: &Value) -> BTreeSet<(String, String)> {
    configuration["webhooks"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|webhook| {
            let service = webhook.pointer("/clientConfig/service")?;
            let text = |key: &str| service[key].as_str().map(str::to_owned);
            Some((text("namespace")?, text("name")?))
        })
        .collect()
}

/// Tells whether the webhooks of a live configuration can answer: each has a CA bundle, and each
/// Service that is called has a ready endpoint.
pub fn webhooks(configuration: &Value, has_endpoint: &Endpoints<'_>) -> Verdict {
    for webhook in configuration["webhooks"].as_array().into_iter().flatten() {
        let client = &webhook["clientConfig"];
        let name = webhook["name"].as_str().unwrap_or("webhook");
        // A URL may be served with a certificate that the API server trusts anyhow.
        if client["url"].is_string() {
            continue;
        }
        if client["caBundle"].as_str().is_none_or(str::is_empty) {
            return Verdict::Progressing(format!("webhook {name} has no CA bundle yet"));
        }
    }
    for (namespace, name) in webhook_services(configuration) {
        if !has_endpoint(&namespace, &name) {
            return Verdict::Progressing(format!(
                "Service {namespace}/{name} of a webhook has no ready endpoint yet"
            ));
        }
    }
    Verdict::Ready
}
