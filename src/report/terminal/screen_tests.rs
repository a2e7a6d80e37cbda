//! The screen at chosen moments of a run.

use std::time::Duration;

use super::*;
use crate::apply::{Event, ServiceOutline};
use crate::cluster::Identity;
use crate::graph::{Edge, Milestone};
use crate::plan::Action;
use crate::render::ObjectId;

fn outline(name: &str, wave: u32, needs: &[(&str, Milestone)]) -> ServiceOutline {
    let edges = needs
        .iter()
        .map(|(service, until)| Edge::for_test(service, *until))
        .collect();
    ServiceOutline {
        name: name.to_owned(),
        wave,
        objects: 2,
        edges,
    }
}

fn object(kind: &str, name: &str) -> ObjectId {
    ObjectId {
        api_version: "v1".to_owned(),
        kind: kind.to_owned(),
        namespace: Some("web".to_owned()),
        name: name.to_owned(),
    }
}

fn model(events: &[Event]) -> (Model, Vec<String>) {
    let mut model = Model::default();
    let mut lines = Vec::new();
    let start = Event::RunStarted {
        environment: "sandbox".to_owned(),
        cluster: Identity {
            uid: None,
            context: "kind".to_owned(),
            server: "https://127.0.0.1:6443".to_owned(),
            version: "v1.34.4".to_owned(),
            nodes: Some(1),
        },
        services: vec![
            outline("base", 0, &[]),
            outline("portal", 1, &[("base", Milestone::Ready)]),
            outline(
                "grafana",
                1,
                &[
                    ("base", Milestone::Established),
                    ("portal", Milestone::Ready),
                ],
            ),
        ],
    };
    for (second, event) in [start].iter().chain(events).enumerate() {
        let at = Duration::from_secs(second as u64);
        model.hear(at, event);
        lines.extend(permanent(&model, at, event, false));
    }
    (model, lines)
}

fn screen(height: usize) -> Screen {
    Screen {
        at: Duration::from_secs(5),
        height,
        width: 60,
        color: false,
    }
}

#[test]
fn a_run_in_its_middle() {
    let (model, lines) = model(&[
        Event::ServiceStarted {
            service: "base".into(),
        },
        Event::ObjectApplied {
            service: "base".into(),
            object: object("ConfigMap", "a"),
            action: Action::Create,
        },
        Event::ObjectWaiting {
            service: "base".into(),
            object: object("Deployment", "web"),
            why: "container app: the image example.org/app:1 cannot be pulled".into(),
        },
    ]);
    assert_eq!(
        lines,
        [
            "sandbox on kind at https://127.0.0.1:6443, Kubernetes v1.34.4, 1 node",
            "3 services, 6 objects",
            ""
        ]
    );
    assert_eq!(
        live(&model, &screen(24)),
        [
            "⠋ base        4.0s  Deployment web/web: container app: the …",
            "· portal            waits for base",
            "· grafana           waits for base's definitions, portal",
            "━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━ 0/3 services · 1/6 objects · 5.0s",
        ]
    );
}

#[test]
fn what_does_not_fit_is_counted() {
    let (model, _) = model(&[Event::ServiceStarted {
        service: "base".into(),
    }]);
    let lines = live(&model, &screen(6));
    assert_eq!(lines[1], "· 2 more wait");
    assert_eq!(lines.len(), 3);
}

#[test]
fn lines_that_stay() {
    let (_, lines) = model(&[
        Event::ServiceStarted {
            service: "base".into(),
        },
        Event::ObjectApplied {
            service: "base".into(),
            object: object("ConfigMap", "a"),
            action: Action::Create,
        },
        Event::ObjectUnchanged {
            service: "base".into(),
            object: object("ConfigMap", "b"),
        },
        Event::ServiceReady {
            service: "base".into(),
            took: Duration::from_secs(75),
        },
        Event::ServiceBlocked {
            service: "grafana".into(),
            blocker: "base".into(),
            edge: Edge::for_test("portal", Milestone::Ready),
        },
    ]);
    assert_eq!(
        lines[3..],
        [
            "✔ base       1m15s  1 written, 1 unchanged",
            "⊘ grafana  blocked by base, through portal"
        ]
    );
}
