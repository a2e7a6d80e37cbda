//! `firstlight plan`: what an installation would write, in which order and why.

use crate::cli::arguments::{ClusterArguments, GlobalArguments, PlanArguments, TextOrJson};
use crate::cli::error::Failure;
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::view;
use crate::definition::Repository;
use crate::ops::{self, Fetching};
use crate::plan::PlanDocument;

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
    let (plan, errors) = ops::plan_of_the_good(&super::request(
        &repository,
        &arguments.environment,
        &fetching,
    ))
    .map_err(|error| Failure::from(error).in_repository(&repository))?;
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
        let comparison = ops::against(&target.cluster, target.plan).await?;
        Ok::<_, Failure>((comparison, target.identity))
    })?;
    let plan = &comparison.plan;
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
