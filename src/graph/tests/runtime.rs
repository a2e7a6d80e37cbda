//! The rules about what happens while a platform runs, about services in two parts, and about needs
//! that are given up: takes YAML, compares edges.

use std::sync::Arc;

use super::*;
use crate::definition::{Runtime, SourceFile, supplement};
use crate::graph::{End, Rule, Unfound, Verdict, sync_waves, why};

fn graph_with(services: &[RenderedService], firstlight: &str) -> Graph {
    let file = Arc::new(SourceFile {
        path: "firstlight.yaml".to_owned(),
        text: firstlight.to_owned(),
    });
    let runtime: Runtime = supplement(&file).expect("a good file").runtime;
    let known: BTreeSet<String> = ["a", "b", "c"].map(str::to_owned).into();
    build(
        services,
        &Knowledge {
            environment: "test",
            names: &known,
            runtime: &runtime,
        },
    )
}

/// Returns the edges without their sentences, with rule, strength and field.
fn shapes(graph: &Graph) -> Vec<String> {
    let lines = graph.services.iter().flat_map(|service| {
        service.edges.iter().map(move |edge| {
            let reason = &edge.reason;
            format!(
                "{} -> {} {} {} {} {}{}",
                service.name,
                edge.service,
                edge.until.name(),
                reason.rule.name(),
                reason.strength.name(),
                reason.field.as_deref().unwrap_or("-"),
                if edge.holds == Holds::Rest {
                    " rest"
                } else {
                    ""
                }
            )
        })
    });
    lines.collect()
}

fn crd(group: &str, kind: &str) -> String {
    let plural = format!("{}s", kind.to_lowercase());
    format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
         metadata: {{name: {plural}.{group}}}\nspec:\n  group: {group}\n  \
         names: {{kind: {kind}, plural: {plural}}}\n  scope: Namespaced\n  \
         versions: [{{name: v1, served: true}}]\n"
    )
}

fn pods(name: &str, containers: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\n\
         spec: {{template: {{spec: {{containers: [{containers}]}}}}}}\n"
    )
}

#[test]
fn evidence_names_both_objects_their_places_and_the_field() {
    let class = "{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: nginx}}";
    let ingress = "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: i}, \
                   spec: {ingressClassName: nginx}}";
    let graph = graph(&[service("a", ingress), service("b", class)]);
    let json = serde_json::to_value(&graph.services[1].edges[0]).expect("JSON");
    assert_eq!(
        json["reason"],
        serde_json::json!({
            "rule": "class",
            "strength": "readiness",
            "needing": {
                "object": {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
                    "namespace": "a", "name": "i"},
                "source": {"file": "a.yaml", "line": 1},
            },
            "field": "spec.ingressClassName",
            "needed": {
                "object": {"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "name": "nginx"},
                "source": {"file": "b.yaml", "line": 1},
            },
        })
    );
}

#[test]
fn a_service_whose_definitions_another_needs_comes_in_two_parts() {
    let issuer = "{apiVersion: y.io/v1, kind: Other, metadata: {name: o}}";
    let other =
        crd("y.io", "Other").replace("  scope", "  conversion: {strategy: Webhook}\n  scope");
    let graph = graph(&[
        service("a", &format!("{THING}\n---\n{other}")),
        service("b", &format!("{CRD}\n---\n{issuer}")),
    ]);
    assert_eq!(codes(&graph), ["in-two-parts"]);
    assert_eq!(
        shapes(&graph),
        [
            "a -> b established kind admission kind",
            "b -> a ready converted-kind admission kind rest"
        ]
    );
    assert!(
        graph.findings[0].message.starts_with(
            "b comes in two parts: first its Namespaces and CustomResourceDefinitions, then a, then \
             the rest of it; b needs a because Other b/o (b.yaml:2) has its kind"
        ),
        "{}",
        graph.findings[0].message
    );
}

#[test]
fn a_namespace_can_come_before_the_rest_of_its_service() {
    let inside = "{apiVersion: v1, kind: ConfigMap, metadata: {name: x, namespace: b}}";
    let graph = graph(&[service("a", inside), depends(service("b", ""), &["a"])]);
    assert_eq!(
        shapes(&graph),
        [
            "a -> b established namespace admission metadata.namespace",
            "b -> a ready declared declared - rest"
        ]
    );
}

#[test]
fn what_only_keeps_pods_waiting_closes_no_cycle_unless_that_is_a_deadlock() {
    let secret = |name: &str| {
        format!("{{apiVersion: v1, kind: Secret, metadata: {{name: {name}, namespace: shared}}}}")
    };
    let web = |name: &str, secret: &str| {
        pods(
            name,
            &format!("{{envFrom: [{{secretRef: {{name: {secret}}}}}]}}"),
        )
        .replace("metadata: {name: ", "metadata: {namespace: shared, name: ")
    };
    let namespace = "{apiVersion: v1, kind: Namespace, metadata: {name: shared}}";
    let services = [
        service("a", &format!("{}---\n{}", web("x", "of-b"), secret("of-a"))),
        service("b", &format!("{}---\n{}", web("y", "of-a"), secret("of-b"))),
        service("c", namespace),
    ];
    let both = graph(&services);
    assert!(both.findings.is_empty(), "{:?}", both.findings);
    assert_eq!(both.given_up.len(), 1);
    assert_eq!(both.given_up[0].service, "a");
    assert_eq!(both.given_up[0].way_back, ["b", "a"]);
    // One that waits until the other is ready waits for ever.
    let [a, b, c] = services;
    let deadlock = graph(&[a, depends(b, &["a"]), c]);
    assert_eq!(codes(&deadlock), ["cycle"]);
}

#[test]
fn pods_wait_for_secrets_that_another_service_brings_or_has_made() {
    let certificate = "
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: c, namespace: a}
spec: {secretName: tls, issuerRef: {group: other.io, name: x}}
";
    let plain = "{apiVersion: v1, kind: ConfigMap, metadata: {name: plain, namespace: a}}";
    let web = pods(
        "web",
        "{envFrom: [{secretRef: {name: tls}}, {configMapRef: {name: plain}}]}",
    );
    let graph = graph(&[
        service("a", &web),
        service("b", &format!("{certificate}---\n{plain}")),
        service("c", &crd("cert-manager.io", "Certificate")),
    ]);
    let edges = edges(&graph);
    let expected = [
        "needs Secret a/tls, which is made of Certificate a/c (b.yaml:1)",
        "names ConfigMap a/plain (b.yaml:2)",
    ];
    for expected in expected {
        assert!(
            edges
                .iter()
                .any(|edge| edge.starts_with("a -> b") && edge.ends_with(expected)),
            "{edges:?}"
        );
    }
}

#[test]
fn an_address_may_be_one_that_an_operator_makes() {
    let cluster = "{apiVersion: rabbitmq.com/v1, kind: RabbitmqCluster, metadata: {name: db-rw}}";
    let url = |host: &str| {
        pods(
            "web",
            &format!("{{env: [{{name: URL, value: 'postgresql://u@{host}:5432/x'}}]}}"),
        )
    };
    for host in ["db-rw.b.svc.cluster.local", "db-rw.b.svc", "db-rw.b"] {
        let graph = graph(&[
            service("a", &url(host)),
            service("b", cluster),
            service("c", &crd("rabbitmq.com", "RabbitmqCluster")),
        ]);
        assert!(
            shapes(&graph).contains(
                &"a -> b ready address soft spec.template.spec.containers[0].env[0].value"
                    .to_owned()
            ),
            "{host}: {:?}",
            shapes(&graph)
        );
    }
    let graph = graph(&[
        service("a", &url("db.b.example.org")),
        service("b", cluster),
    ]);
    assert!(!shapes(&graph).iter().any(|edge| edge.contains("address")));
}

#[test]
fn custom_resources_name_others_by_rules_that_are_data() {
    let external = "
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: s}
spec: {secretStoreRef: {kind: ClusterSecretStore, name: vault}}
";
    let store =
        "{apiVersion: external-secrets.io/v1, kind: ClusterSecretStore, metadata: {name: vault}}";
    let graph = graph(&[
        service("a", external),
        service("b", store),
        service(
            "c",
            &format!(
                "{}---\n{}",
                crd("external-secrets.io", "ExternalSecret"),
                crd("external-secrets.io", "ClusterSecretStore")
            ),
        ),
    ]);
    let shapes = shapes(&graph);
    assert!(
        shapes.contains(&"a -> b ready secret-store readiness spec.secretStoreRef.name".to_owned()),
        "{shapes:?}"
    );
    assert!(
        shapes.contains(&"a -> c ready secret-operator readiness kind".to_owned()),
        "{shapes:?}"
    );
}

#[test]
fn an_operator_may_be_another_service_than_the_one_with_the_definitions() {
    let role = "
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: operator}
rules: [{apiGroups: [ricoberger.de], resources: [vaultsecrets, vaultsecrets/status], verbs: [get, update]}]
";
    let graph = graph(&[
        service(
            "a",
            "{apiVersion: ricoberger.de/v1, kind: VaultSecret, metadata: {name: s}}",
        ),
        service("b", &crd("ricoberger.de", "VaultSecret")),
        service("c", &format!("{role}---\n{}", pods("operator", ""))),
    ]);
    assert_eq!(
        edges(&graph),
        [
            "a -> b established: VaultSecret a/s (a.yaml:1) has its kind from \
             CustomResourceDefinition vaultsecrets.ricoberger.de (b.yaml:1)",
            "a -> c ready: VaultSecret a/s (a.yaml:1) becomes a Secret by the operator that \
             ClusterRole operator (c.yaml:1) gives rights on CustomResourceDefinition \
             vaultsecrets.ricoberger.de (b.yaml:1)"
        ]
    );
}

#[test]
fn kinds_come_from_aggregated_apis_and_from_other_objects() {
    let api = "
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1.metrics.k8s.io}
spec: {group: metrics.k8s.io, version: v1, service: {name: metrics, namespace: b}}
";
    let scaler = "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: h}, \
                  spec: {metrics: [{type: Resource}, {type: External}]}}";
    let asked = graph(&[service("a", scaler), service("b", api)]);
    assert_eq!(
        shapes(&asked),
        ["a -> b ready api-service soft spec.metrics[0]"]
    );
    let template = "{apiVersion: templates.gatekeeper.sh/v1, kind: ConstraintTemplate, \
                    metadata: {name: t}, spec: {crd: {spec: {names: {kind: NeedsLabel}}}}}";
    let constraint =
        "{apiVersion: constraints.gatekeeper.sh/v1, kind: NeedsLabel, metadata: {name: c}}";
    let made = graph(&[
        service("a", constraint),
        service(
            "b",
            &format!(
                "{template}\n---\n{}",
                crd("templates.gatekeeper.sh", "ConstraintTemplate")
            ),
        ),
    ]);
    assert!(made.findings.is_empty(), "{:?}", made.findings);
    assert_eq!(shapes(&made), ["a -> b ready product admission kind"]);
}

#[test]
fn bindings_and_policies_wait_for_what_they_name() {
    let binding = "
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: r}
roleRef: {kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: robot, namespace: b}]
";
    let account = "{apiVersion: v1, kind: ServiceAccount, metadata: {name: robot}}";
    let bound = graph(&[service("a", binding), service("b", account)]);
    assert_eq!(shapes(&bound), ["a -> b applied subject soft subjects[0]"]);
    let policy = "
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: p}
spec: {paramKind: {apiVersion: x.io/v1, kind: Thing}}
";
    let binding = "
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: p}
spec: {policyName: p, paramRef: {name: thing, namespace: b}}
";
    let policies = graph(&[
        service("a", &format!("{policy}---\n{binding}")),
        service("b", THING),
        service("c", CRD),
    ]);
    let shapes = shapes(&policies);
    assert!(shapes.contains(&"a -> b applied parameters admission spec.paramRef.name".to_owned()));
    assert!(shapes.contains(&"a -> c established parameters admission spec.paramKind".to_owned()));
}

#[test]
fn what_manifests_do_not_show_is_said_in_a_file() {
    let ingress = "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: i}, \
                   spec: {ingressClassName: late}}";
    let web = pods(
        "web",
        "{envFrom: [{secretRef: {name: given}}], env: [{name: A, value: 'db.example.org:1'}]}",
    );
    let kind = "{apiVersion: late.io/v1, kind: Late, metadata: {name: l}}";
    let services = [
        service("a", &format!("{ingress}\n---\n{kind}\n---\n{web}")),
        service("b", ""),
        service(
            "c",
            "{apiVersion: v1, kind: Secret, metadata: {name: mine}}",
        ),
    ];
    let text = "
provides:
  - {service: b, apiGroup: networking.k8s.io, kind: IngressClass, name: late}
  - {service: b, apiGroup: late.io, kind: '*'}
  - {service: b, kind: Secret, namespace: a, name: given}
  - {service: b, address: db.example.org}
  - {service: b, environment: other, kind: Secret, namespace: c, name: none}
requires:
  - {service: b, kind: Secret, namespace: c, name: mine}
  - {service: c, kind: Secret, namespace: c, name: none}
";
    let graph = graph_with(&services, text);
    assert_eq!(codes(&graph), ["requirement-not-provided"]);
    let edges = edges(&graph);
    for expected in [
        "b -> c applied: b requires Secret c/mine (firstlight.yaml:9), which c brings as Secret \
         c/mine (c.yaml:1)",
        "a -> b ready: Ingress a/i (a.yaml:1) needs IngressClass late, which b provides \
         (firstlight.yaml:3)",
        "a -> b ready: Late a/l (a.yaml:2) needs the kind Late, which b provides (firstlight.yaml:4)",
        "a -> b ready: Deployment a/web (a.yaml:3) needs Secret a/given, which b provides \
         (firstlight.yaml:5)",
        "a -> b ready: Deployment a/web (a.yaml:3) needs its address, which b provides \
         (firstlight.yaml:6)",
    ] {
        assert!(
            edges.iter().any(|edge| edge == expected),
            "{expected}\n{edges:#?}"
        );
    }
    assert_eq!(edges.len(), 5);
}

#[test]
fn a_rule_of_the_repository_stands_before_one_that_is_built_in() {
    let user =
        "{apiVersion: kafka.strimzi.io/v1, kind: KafkaUser, metadata: {name: u, namespace: a}}";
    let web = pods("web", "{envFrom: [{secretRef: {name: prefixed-u}}]}");
    let services = [
        service("a", &web),
        service("b", user),
        service("c", &crd("kafka.strimzi.io", "KafkaUser")),
    ];
    assert_eq!(codes(&graph(&services)), ["secret-not-produced"]);
    let text = "
operators:
  - apiGroup: kafka.strimzi.io
    kind: KafkaUser
    makes: [{kind: Secret, name: 'prefixed-{metadata.name}'}]
";
    let own = graph_with(&services, text);
    assert_eq!(codes(&own), ["in-two-parts"]);
    assert!(
        shapes(&own)
            .iter()
            .any(|edge| edge.starts_with("a -> b ready product"))
    );
}

#[test]
fn waves_change_as_little_as_the_order_allows() {
    let in_wave = |mut service: RenderedService, wave| {
        service.sync_wave = Some(wave);
        service
    };
    let of_c = format!(
        "{}---\n{}",
        crd("y.io", "Other"),
        "{apiVersion: v1, kind: Secret, metadata: {name: s}}"
    );
    let services = [
        in_wave(service("a", THING), 1),
        in_wave(
            service(
                "b",
                &format!("{CRD}---\n{{apiVersion: y.io/v1, kind: Other, metadata: {{name: o}}}}"),
            ),
            0,
        ),
        in_wave(service("c", &of_c), 0),
        service("d", THING),
        in_wave(service("e", ""), 7),
    ];
    let graph = graph(&services);
    let told: Vec<_> = sync_waves(&graph, &services)
        .into_iter()
        .map(|wave| (wave.service, wave.declared, wave.wanted, wave.verdict))
        .collect();
    assert_eq!(
        told,
        [
            ("c".to_owned(), Some(0), 0, Verdict::Right),
            ("e".to_owned(), Some(7), 7, Verdict::Needless),
            ("b".to_owned(), Some(0), 1, Verdict::Wrong),
            ("a".to_owned(), Some(1), 2, Verdict::Moved),
            ("d".to_owned(), None, 2, Verdict::Missing),
        ]
    );
    assert_eq!(codes(&graph), ["wave-too-early", "wave-missing"]);
}

#[test]
fn waves_mean_little_without_the_health_of_applications() {
    let settings = |data: &str| {
        let mut service = service(
            "a",
            &format!(
                "{{apiVersion: v1, kind: ConfigMap, metadata: {{name: argocd-cm}}, data: {data}}}"
            ),
        );
        service.sync_wave = Some(0);
        graph(&[service])
    };
    assert_eq!(codes(&settings("{}")), ["waves-without-health"]);
    let health = "{resource.customizations.health.argoproj.io_Application: return}";
    assert!(settings(health).findings.is_empty());
}

#[test]
fn why_tells_the_chain_and_why_not_what_was_looked_at() {
    let web = pods("web", "{env: [{name: A, value: db.b.svc}]}");
    let other = "{apiVersion: y.io/v1, kind: Other, metadata: {name: o}}";
    let services = [
        service("a", &format!("{THING}---\n{web}")),
        service(
            "b",
            &format!(
                "{CRD}---\n{other}---\n{{apiVersion: v1, kind: Service, metadata: {{name: db}}}}"
            ),
        ),
        service(
            "c",
            &format!(
                "{}---\n{}",
                crd("y.io", "Other"),
                pods("c", "{env: [{name: A, value: 'a.a.svc'}]}")
            ),
        ),
        service("d", ""),
    ];
    let graph = graph(&services);
    let end = |text: &str| End::find(&services, text).expect("an end");
    let ask = |from: &str, to: &str| why(&graph, &services, end(from), end(to));
    let answer = ask("a", "c");
    assert!(answer.waits);
    let steps: Vec<_> = answer
        .chain
        .iter()
        .map(|step| (step.service.as_str(), step.needs.as_str()))
        .collect();
    assert_eq!(steps, [("a", "b"), ("b", "c")]);
    let answer = ask("a/Deployment/web", "Service/db");
    assert!(answer.needs_itself);
    assert_eq!(answer.chain[0].edges[0].reason.rule, Rule::Address);
    let answer = ask("Thing/thing", "Service/db");
    assert_eq!(answer.chain[0].edges[0].reason.rule, Rule::Kind);
    let answer = ask("c", "a");
    assert!(!answer.waits);
    assert_eq!(answer.back.len(), 2);
    let answer = ask("d", "b");
    assert!(!answer.waits && answer.back.is_empty());
    assert_eq!(answer.looked_at.brings["Service"], ["db"]);
    let unfound = |text: &str| End::find(&services, text).expect_err("no end");
    assert_eq!(
        unfound("Thing/thin"),
        Unfound::Unknown(Some("Thing/thing".to_owned()))
    );
    assert_eq!(
        unfound("deployment/nothing-like-it"),
        Unfound::Unknown(None)
    );
}
