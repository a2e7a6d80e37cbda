//! The graph's rules on small platforms written by hand: takes YAML, compares edges and findings.

mod runtime;

use std::collections::BTreeSet;
use std::time::Duration;

use crate::definition::DeclaredDependency;
use crate::finding::Severity;
use crate::render::{Object, ObjectId, Phase, RenderedService, builtin_kind};
use crate::source::Source;

use super::{Graph, Holds, Knowledge, Milestone, build};

/// Makes a service of YAML documents; `#hook PHASE` as first line of a document makes it a hook.
fn service(name: &str, yaml: &str) -> RenderedService {
    let mut objects = Vec::new();
    for (index, document) in yaml.split("---\n").enumerate() {
        let value = goyaml::parse(document).expect("valid YAML").to_json();
        if value.is_null() {
            continue;
        }
        let text = |pointer: &str| {
            value
                .pointer(pointer)
                .and_then(|text| text.as_str())
                .unwrap_or_default()
                .to_owned()
        };
        let mut id = ObjectId {
            api_version: text("/apiVersion"),
            kind: text("/kind"),
            namespace: None,
            name: text("/metadata/name"),
        };
        let cluster = builtin_kind(id.group(), &id.kind).is_some_and(|kind| !kind.namespaced)
            || id.kind.starts_with("Cluster");
        if !cluster {
            let given = text("/metadata/namespace");
            id.namespace = Some(if given.is_empty() {
                name.to_owned()
            } else {
                given
            });
        }
        let hook = document.starts_with("#hook");
        objects.push(Object {
            id,
            manifest: value,
            source: Source::line(
                format!("{name}.yaml"),
                u32::try_from(index).expect("few") + 1,
            ),
            phase: if hook { Phase::PreSync } else { Phase::Sync },
            hook,
            hook_delete_policies: Vec::new(),
            sync_wave: 0,
            tracking: crate::render::Tracking::default(),
        });
    }
    let implied = Object {
        id: ObjectId {
            api_version: "v1".to_owned(),
            kind: "Namespace".to_owned(),
            namespace: None,
            name: name.to_owned(),
        },
        manifest: serde_json::json!({"metadata": {"labels": {"team": name}}}),
        source: Source::file("root.yaml"),
        phase: Phase::PreSync,
        hook: false,
        hook_delete_policies: Vec::new(),
        sync_wave: 0,
        tracking: crate::render::Tracking::default(),
    };
    RenderedService {
        name: name.to_owned(),
        namespace: name.to_owned(),
        project: "default".to_owned(),
        implied_namespace: Some(implied),
        objects,
        depends_on: Vec::new(),
        stall_timeout: Duration::from_secs(1),
        sync_wave: None,
        source: Source::file("root.yaml"),
    }
}

fn depends(mut service: RenderedService, on: &[&str]) -> RenderedService {
    service.depends_on = on
        .iter()
        .map(|name| DeclaredDependency {
            service: (*name).to_owned(),
            source: Source::line("environments/values.yaml", 7),
        })
        .collect();
    service
}

fn graph(services: &[RenderedService]) -> Graph {
    let known: BTreeSet<String> = ["a", "b", "c", "off"].map(str::to_owned).into();
    let runtime = crate::definition::Runtime::default();
    let graph = build(
        services,
        &Knowledge {
            environment: "test",
            names: &known,
            runtime: &runtime,
        },
    );
    let wave_of = |name: &str| {
        graph
            .services
            .iter()
            .find(|service| service.name == name)
            .expect("a service")
            .wave
    };
    let in_parts = |name: &str| {
        let services = graph.services.iter();
        let mut named = services.filter(|service| service.name == name);
        named.any(|service| service.edges.iter().any(|edge| edge.holds == Holds::Rest))
    };
    for service in &graph.services {
        for edge in &service.edges {
            // Of a service in two parts, the wave is that of its rest.
            if in_parts(&edge.service) && edge.until == Milestone::Established {
                continue;
            }
            assert!(
                service.wave > wave_of(&edge.service),
                "{} {edge:?}",
                service.name
            );
        }
    }
    graph
}

/// Returns the edges as lines: `from -> to until: evidence`.
fn edges(graph: &Graph) -> Vec<String> {
    let lines = graph.services.iter().flat_map(|service| {
        service.edges.iter().map(move |edge| {
            format!(
                "{} -> {} {}: {}",
                service.name,
                edge.service,
                edge.until.name(),
                edge.evidence
            )
        })
    });
    lines.collect()
}

fn codes(graph: &Graph) -> Vec<&str> {
    graph
        .findings
        .iter()
        .map(|finding| finding.code.name())
        .collect()
}

const CRD: &str = "
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.x.io}
spec:
  group: x.io
  names: {kind: Thing, plural: things}
  scope: Namespaced
  versions: [{name: v1, served: true}]
";

const THING: &str = "{apiVersion: x.io/v1, kind: Thing, metadata: {name: thing}}";

#[test]
fn a_custom_resource_waits_for_its_definition() {
    let graph = graph(&[service("a", THING), service("b", CRD)]);
    assert_eq!(
        edges(&graph),
        [
            "a -> b established: Thing a/thing (a.yaml:1) has its kind from \
          CustomResourceDefinition things.x.io (b.yaml:1)"
        ]
    );
    assert!(graph.findings.is_empty());
}

#[test]
fn a_definition_that_is_converted_must_be_ready() {
    let crd = CRD.replace("  scope", "  conversion: {strategy: Webhook}\n  scope");
    let graph = graph(&[service("a", THING), service("b", &crd)]);
    assert!(edges(&graph)[0].starts_with("a -> b ready"));
}

#[test]
fn kinds_and_versions_that_nobody_has_are_errors() {
    let services = [
        service("a", &THING.replace("v1", "v2")),
        service("b", CRD),
        service(
            "c",
            "{apiVersion: x.io/v1, kind: Thin, metadata: {name: a}}\n---\n\
             {apiVersion: y.io/v1, kind: Other, metadata: {name: c}}",
        ),
    ];
    let graph = graph(&services);
    assert_eq!(
        codes(&graph),
        ["version-not-served", "missing-crd", "missing-crd"]
    );
    assert!(graph.findings[1].message.ends_with("did you mean `Thing`?"));
}

#[test]
fn an_object_in_the_namespace_of_another_waits_until_it_is_applied() {
    let role = "{apiVersion: v1, kind: ConfigMap, metadata: {name: x, namespace: NAME}}";
    let graph = graph(&[
        service("a", &role.replace("NAME", "b")),
        service("b", &role.replace("NAME", "kube-system")),
        service("c", &role.replace("NAME", "nowhere")),
    ]);
    assert_eq!(
        edges(&graph),
        ["a -> b applied: ConfigMap b/x (a.yaml:1) lives in Namespace b (root.yaml)"]
    );
    assert_eq!(codes(&graph), ["missing-namespace"]);
}

#[test]
fn an_ingress_waits_for_its_class_named_or_default() {
    let class = "
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx, annotations: {ingressclass.kubernetes.io/is-default-class: 'true'}}
";
    let ingress = |spec: &str| {
        format!(
            "{{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {{name: i}}, spec: {spec}}}"
        )
    };
    let graph = graph(&[
        service("a", &ingress("{ingressClassName: nginx}")),
        service("b", &ingress("{}")),
        service("c", class),
        service("d", &ingress("{ingressClassName: ngnix}")),
    ]);
    let edges = edges(&graph);
    assert_eq!(edges.len(), 2);
    assert!(
        edges[0].starts_with("a -> c applied: Ingress a/i (a.yaml:1) uses"),
        "{edges:?}"
    );
    assert!(edges[1].contains("gets the default class"), "{edges:?}");
    assert_eq!(codes(&graph), ["missing-class"]);
    assert!(graph.findings[0].message.ends_with("did you mean `nginx`?"));
}

#[test]
fn certificates_and_annotated_ingresses_wait_for_their_issuer() {
    let issuer = "
apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: {name: platform}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: clusterissuers.cert-manager.io}
spec:
  group: cert-manager.io
  names: {kind: ClusterIssuer, plural: clusterissuers}
  versions: [{name: v1, served: true}]
";
    let ingress = "
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: i, annotations: {cert-manager.io/cluster-issuer: platform}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: j, annotations: {cert-manager.io/cluster-issuer: platfrom}}
";
    let graph = graph(&[service("a", ingress), service("b", issuer)]);
    assert_eq!(
        edges(&graph),
        [
            "a -> b ready: Ingress a/i (a.yaml:1) gets its certificate from ClusterIssuer platform \
          (b.yaml:1)"
        ]
    );
    assert_eq!(codes(&graph), ["missing-issuer"]);
}

#[test]
fn a_webhook_that_fails_closed_must_answer_first() {
    let webhook = "
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: hooks}
webhooks:
  - name: check.x.io
    failurePolicy: POLICY
    namespaceSelector: {matchExpressions: [{key: team, operator: NotIn, values: [c]}]}
    rules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
";
    let workload = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: []}}}
";
    let services = |policy: &str| {
        [
            service("a", workload),
            service("b", &webhook.replace("POLICY", policy)),
            service("c", workload),
        ]
    };
    assert_eq!(
        edges(&graph(&services("Fail"))),
        [
            "a -> b ready: Deployment a/web (a.yaml:1) brings pods, which must pass \
          check.x.io of ValidatingWebhookConfiguration hooks (b.yaml:1)"
        ]
    );
    assert!(edges(&graph(&services("Ignore"))).is_empty());
}

#[test]
fn a_vault_secret_waits_for_its_operator_and_for_the_vault_behind_it() {
    let operator = "
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: vaultsecrets.ricoberger.de}
spec:
  group: ricoberger.de
  names: {kind: VaultSecret, plural: vaultsecrets}
  scope: Namespaced
  versions: [{name: v1alpha1, served: true}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: operator}
spec: {template: {spec: {containers: [
  {env: [{name: VAULT_ADDRESS, value: 'http://vault.c.svc:8200'}]}]}}}
";
    let secret = "{apiVersion: ricoberger.de/v1alpha1, kind: VaultSecret, metadata: {name: s}}";
    let vault = "{apiVersion: v1, kind: Service, metadata: {name: vault}}";
    let graph = graph(&[
        service("a", secret),
        service("b", operator),
        service("c", vault),
    ]);
    let edges = edges(&graph);
    let starts: Vec<&str> = edges
        .iter()
        .filter_map(|edge| edge.split(':').next())
        .collect();
    assert_eq!(
        starts,
        [
            "b -> c ready",
            "a -> b ready",
            "a -> b established",
            "a -> c ready"
        ]
    );
    assert_eq!(
        graph
            .services
            .iter()
            .map(|service| service.wave)
            .collect::<Vec<_>>(),
        [0, 1, 2]
    );
}

#[test]
fn declared_dependencies_are_checked() {
    let graph = graph(&[
        depends(service("a", ""), &["b", "off", "bb"]),
        service("b", ""),
    ]);
    assert_eq!(
        edges(&graph),
        ["a -> b ready: a declares that it depends on b (environments/values.yaml:7)"]
    );
    assert_eq!(
        codes(&graph),
        ["dependency-not-enabled", "unknown-dependency"]
    );
    assert!(
        graph
            .findings
            .iter()
            .all(|finding| finding.source.is_some())
    );
}

#[test]
fn a_cycle_is_told_with_its_evidence_and_what_can_be_dropped() {
    let crd = CRD.replace("  scope", "  conversion: {strategy: Webhook}\n  scope");
    let graph = graph(&[service("a", THING), depends(service("b", &crd), &["a"])]);
    assert_eq!(codes(&graph), ["cycle"]);
    assert_eq!(
        graph.findings[0].message,
        "services wait for each other; a waits for b because Thing a/thing (a.yaml:1) has its \
         kind from CustomResourceDefinition things.x.io (b.yaml:1), whose objects a webhook \
         converts; b waits for a because b \
         declares that it depends on a (environments/values.yaml:7); drop the dependency of b on a"
    );
}

#[test]
fn equal_reasons_of_many_objects_are_one_edge() {
    let things = format!(
        "{THING}\n---\n{}\n---\n{}",
        THING.replace("thing", "u"),
        THING.replace("thing", "v")
    );
    let graph = graph(&[service("a", &things), service("b", CRD)]);
    let edges = edges(&graph);
    assert_eq!(edges.len(), 1);
    assert!(edges[0].ends_with("so do 2 more objects"), "{edges:?}");
}

#[test]
fn one_object_in_two_services_is_an_error() {
    let class = "{apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: {name: fast}}";
    let graph = graph(&[service("a", class), service("b", class)]);
    assert_eq!(codes(&graph), ["duplicate-object"]);
    assert_eq!(graph.findings[0].service.as_deref(), Some("b"));
}

#[test]
fn what_pods_cannot_start_without_is_looked_for() {
    let workload = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {serviceAccountName: web, containers: [{envFrom: [
  {secretRef: {name: made-by-job}}, {secretRef: {name: made-of-certificate}},
  {secretRef: {name: nobodys}}, {secretRef: {name: made-by-program}},
  {configMapRef: {name: kube-root-ca.crt}}]}]}}}
---
apiVersion: batch/v1
kind: Job
metadata: {name: make}
spec: {template: {spec: {containers: [{args: ['--secret-name=made-by-job']}]}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: maker}
rules:
  - {apiGroups: [''], resources: [secrets], resourceNames: [made-by-program], verbs: [get]}
  - {apiGroups: [''], resources: [secrets], verbs: [create]}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: c}
spec: {secretName: made-of-certificate, issuerRef: {group: other.io, name: x}}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: certificates.cert-manager.io}
spec:
  group: cert-manager.io
  names: {kind: Certificate, plural: certificates}
  scope: Namespaced
  versions: [{name: v1, served: true}]
";
    let graph = graph(&[service("a", workload)]);
    assert_eq!(
        codes(&graph),
        ["missing-service-account", "secret-not-produced"]
    );
    assert_eq!(graph.findings[1].severity, Severity::Warning);
}

#[test]
fn a_hook_that_needs_what_comes_after_it_is_an_error() {
    let job = "#hook PreSync
apiVersion: batch/v1
kind: Job
metadata: {name: migrate}
spec: {template: {spec: {serviceAccountName: account, containers: []}}}
";
    let account = "{apiVersion: v1, kind: ServiceAccount, metadata: {name: account}}\n";
    let late = graph(&[service("a", &format!("{job}---\n{account}"))]);
    assert_eq!(codes(&late), ["hook-needs-later-object"]);
    let early = graph(&[service("a", &format!("{job}---\n#hook PreSync\n{account}"))]);
    assert!(early.findings.is_empty(), "{:?}", early.findings);
}

#[test]
fn sync_waves_that_contradict_the_order_are_told() {
    let in_wave = |mut service: RenderedService, wave| {
        service.sync_wave = Some(wave);
        service
    };
    let right = graph(&[
        in_wave(service("a", THING), 1),
        in_wave(service("b", CRD), 0),
    ]);
    assert!(right.findings.is_empty());
    let wrong = graph(&[
        in_wave(service("a", THING), 1),
        in_wave(service("b", CRD), 1),
    ]);
    assert_eq!(codes(&wrong), ["wave-too-early"]);
    let missing = graph(&[service("a", THING), in_wave(service("b", CRD), 0)]);
    assert_eq!(codes(&missing), ["wave-missing"]);
    assert_eq!(
        codes(&graph(&[service("a", THING), service("b", CRD)])),
        [""; 0]
    );
}

#[test]
fn addresses_in_the_environment_count_and_those_in_mounted_files_do_not() {
    let workload = "
apiVersion: v1
kind: ConfigMap
metadata: {name: environment}
data: {URL: 'http://web.c.svc.cluster.local:80/'}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: mounted}
data: {targets: 'db.b.svc:5432'}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [
  {envFrom: [{configMapRef: {name: environment}}], args: ['--not=db.b.svcs']}],
  volumes: [{configMap: {name: mounted}}]}}}
";
    let named =
        |name: &str| format!("{{apiVersion: v1, kind: Service, metadata: {{name: {name}}}}}");
    let graph = graph(&[
        service("a", workload),
        service("b", &named("db")),
        service("c", &named("web")),
    ]);
    assert_eq!(
        edges(&graph),
        [
            "a -> c ready: Deployment a/web (a.yaml:3) is told the address of Service c/web (c.yaml:1) by ConfigMap a/environment (a.yaml:1)"
        ]
    );
}
