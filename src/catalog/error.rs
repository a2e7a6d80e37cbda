//! Why there is no catalogue: takes nothing, gives errors with places, never prints.

use crate::problem::Problem;

/// Why there is no catalogue.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// The root could not be rendered.
    #[error("the root chart {path} cannot be rendered")]
    Root {
        /// The chart's directory.
        path: String,
        /// Why.
        problem: Box<Problem>,
    },
    /// Applications that cannot be installed; all of them.
    #[error("{}", problem_count(.0.len()))]
    Applications(Vec<Problem>),
}

fn problem_count(count: usize) -> String {
    match count {
        1 => "the root has an Application that cannot be installed".to_owned(),
        count => format!("the Applications of the root have {count} problems"),
    }
}
