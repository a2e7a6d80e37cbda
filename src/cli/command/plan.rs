//! `firstlight plan`: what an installation would write, in which order and why.

use crate::cli::arguments::{
    ClusterArguments, GlobalArguments, PlanArguments, TextOrJson, Verbosity,
};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::view;
use crate::cluster::Identity;
use crate::definition::Repository;
use crate::ops::{self, Asking, Fetching, Request};
use crate::plan::{Plan, PlanDocument, PlanFile};

pub(super) fn run(
    global: &GlobalArguments,
    arguments: &PlanArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let fetching = super::fetching(global, output);
    let repository = super::repository_of(global, &arguments.environment, &fetching)?;
    if let Some(context) = &arguments.context {
        let cluster = ClusterArguments {
            context: Some(context.clone()),
            kubeconfig: arguments.kubeconfig.clone(),
        };
        return compared(&repository, arguments, (&cluster, &fetching), output);
    }
    let request = super::request(&repository, &arguments.environment, &fetching);
    let (plan, errors) = ops::plan_of_the_good(&request)
        .map_err(|error| Failure::from(error).in_repository(&repository))?;
    keep(&plan, &request, None, arguments, output)?;
    let text = match arguments.format {
        TextOrJson::Json => super::json(&PlanDocument::new(&plan))?,
        TextOrJson::Text => view::plan(&plan, output.verbosity()),
    };
    output.result(&text);
    let exit = super::exit_of(&plan.findings);
    let is_told = arguments.format == TextOrJson::Text;
    Ok(super::told_at_length(
        errors,
        (&repository, is_told),
        exit,
        output,
    ))
}

/// Writes the plan to the file that is named.
fn keep(
    plan: &Plan,
    request: &Request<'_>,
    identity: Option<&Identity>,
    arguments: &PlanArguments,
    output: &mut Output,
) -> Result<(), Failure> {
    let Some(path) = &arguments.output else {
        return Ok(());
    };
    let made_from = ops::made_from(request, identity)
        .map_err(|error| Failure::from(error).in_repository(request.repository))?;
    ops::write_plan_file(path, &PlanFile::new(plan, made_from))?;
    if output.verbosity() != Verbosity::Quiet {
        output.message(&format!("the plan is kept in {}\n", path.display()));
    }
    Ok(())
}

/// Plans against a cluster.
fn compared(
    repository: &Repository,
    arguments: &PlanArguments,
    (cluster, fetching): (&ClusterArguments, &Fetching),
    output: &mut Output,
) -> Result<Exit, Failure> {
    let environment = &arguments.environment.environment;
    let (comparison, identity) = super::cluster::runtime()?.block_on(async {
        let target = super::cluster::target(repository, environment, cluster, fetching).await?;
        let comparison =
            ops::against_with(&target.cluster, target.plan, Asking::Everything).await?;
        Ok::<_, Failure>((comparison, target.identity))
    })?;
    let plan = &comparison.plan;
    let request = Request {
        repository,
        environment,
        kubernetes_version: identity.version.trim_start_matches('v'),
        fetching,
    };
    keep(plan, &request, Some(&identity), arguments, output)?;
    let text = match arguments.format {
        TextOrJson::Json => super::json(&PlanDocument::new(plan))?,
        TextOrJson::Text => {
            let mut text = view::plan(plan, output.verbosity());
            text.push_str(&view::comparison(
                &comparison,
                &identity,
                output.verbosity(),
            ));
            text
        }
    };
    output.result(&text);
    Ok(super::exit_of(&plan.findings))
}
