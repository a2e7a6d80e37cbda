//! Several environments of one repository in one process: takes their names, gives for each what its
//! services are and what each waits for, over all cores; never keeps more than is taken of each.

use std::sync::Mutex;

use crate::definition::{DefinitionError, Repository};
use crate::suggest::nearest;

use super::plan::{Evaluated, OpsError, Request, locked, ordered, read_with};
use super::supply::{Fetching, Mode, Supply};

/// Which environments are evaluated.
#[derive(Debug, Clone, Copy)]
pub struct FleetRequest<'r> {
    /// The repository.
    pub repository: &'r Repository,
    /// The environments; all of the repository where none is named.
    pub environments: &'r [String],
    /// The version of Kubernetes that charts are told.
    pub kubernetes_version: &'r str,
    /// How charts are had that do not stand in the repository.
    pub fetching: &'r Fetching,
}

/// Evaluates environments side by side, and returns what `take` makes of each, in the order of their
/// names (that of the request, else of the alphabet).
///
/// Environments share charts, parsed templates and whatever was fetched. `take` is called on the
/// threads that evaluate; the evaluation is gone when it returns, so that memory holds a few
/// environments at a time, however many there are: what is needed of one must be taken out. An
/// environment that cannot be evaluated at all gives an error; one with broken services does not:
/// they are findings of its graph. The call itself fails only where the environments cannot be
/// listed, or one is named that there is not.
pub fn graphs<R: Send>(
    request: &FleetRequest<'_>,
    take: impl Fn(&str, Result<Evaluated, OpsError>) -> R + Sync,
) -> Result<Vec<R>, OpsError> {
    let known = request.repository.environments()?;
    let wanted = match request.environments {
        [] => &known,
        named => named,
    };
    if let Some(name) = wanted.iter().find(|name| !known.contains(name)) {
        let nearest = nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
        let name = name.clone();
        return Err(DefinitionError::UnknownEnvironment {
            name,
            known,
            nearest,
        }
        .into());
    }
    let supply = Supply::new(request.repository, request.fetching, Mode::Obey);
    let supply = Mutex::new(supply);
    let results = chart::in_order(wanted, usize::MAX, |environment| {
        let one = Request {
            repository: request.repository,
            environment,
            kubernetes_version: request.kubernetes_version,
            fetching: request.fetching,
        };
        let read = read_with(&one, &supply);
        take(environment, read.map(|read| ordered(&one, read).0))
    });
    locked(&supply).keep()?;
    Ok(results)
}
