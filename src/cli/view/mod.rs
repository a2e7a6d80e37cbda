//! Values as text for people: takes values of the library, gives text that is aligned and readable
//! without colour, never prints.

mod chart;
mod comparison;
mod drift;
mod explain;
mod findings;
mod graph;
mod images;
mod junit;
mod lock;
mod origins;
mod plan;
mod proposal;
mod review;
mod review_markdown;
mod sarif;
mod status;
mod values;
mod waves;
mod why;
mod words;

pub(super) use chart::{ChartCheck, chart_lint, dependencies, dependency_change};
pub(super) use comparison::{comparison, counts};
pub(super) use drift::drift;
pub(super) use explain::{code_list, explained};
pub(super) use findings::{lint, list as findings};
pub(super) use graph::graph;
pub(super) use images::{images, lines as image_lines, names as image_names};
pub(super) use junit::junit;
pub(super) use lock::{lock, vendor};
pub(super) use origins::origins;
pub(super) use plan::plan;
pub(super) use proposal::proposal;
pub(super) use review::review;
pub(super) use review_markdown::review_markdown;
pub(super) use sarif::sarif;
pub(super) use status::status;
pub(super) use values::values;
pub(super) use waves::{wave_edits, waves};
pub(super) use why::{not_enabled, why};
