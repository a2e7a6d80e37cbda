//! graph -> plan without a cluster: takes rendered services, their graph and the handover, gives
//! the plan for an empty cluster, never asks a cluster.

use std::collections::BTreeMap;

use crate::graph::Graph;
use crate::render::RenderedService;

use super::types::{Action, Certainty, Doubt, Handover, Plan, PlannedService, Reason, Step};

/// Builds the plan for an empty cluster.
pub fn offline(
    environment: &str,
    services: Vec<RenderedService>,
    graph: Graph,
    handover: Handover,
) -> Plan {
    let mut rendered: BTreeMap<String, RenderedService> = services
        .into_iter()
        .map(|service| (service.name.clone(), service))
        .collect();
    let services = graph
        .services
        .into_iter()
        .filter_map(|node| {
            let service = rendered.remove(&node.name)?;
            Some(PlannedService {
                wave: node.wave,
                edges: node.edges,
                namespace: service.namespace.clone(),
                project: service.project.clone(),
                stall_timeout: service.stall_timeout,
                name: node.name,
                steps: steps(service),
            })
        })
        .collect();
    Plan {
        environment: environment.to_owned(),
        services,
        findings: graph.findings,
        handover,
    }
}

fn steps(service: RenderedService) -> Vec<Step> {
    let RenderedService {
        implied_namespace,
        objects,
        ..
    } = service;
    // Argo CD does not track the namespace that it makes for an Application.
    let implied = implied_namespace.into_iter().map(step);
    let own = objects.into_iter().map(|mut object| {
        object.tracking.stamp(&mut object.manifest);
        step(object)
    });
    implied.chain(own).collect()
}

fn step(object: crate::render::Object) -> Step {
    let action = if object.hook {
        Action::Run
    } else {
        Action::Create
    };
    Step {
        object,
        action,
        reason: Reason::NoCluster,
        certainty: Certainty::Computed,
        doubt: Doubt::NoCluster,
        changes: Vec::new(),
        owner: None,
    }
}
