//! The registry of findings: takes nothing, gives a code for each kind of finding with all that is
//! known of it, never a finding. What is not here cannot be found; what is here can be explained.
//!
//! A new kind of finding is an entry in one of the files below, and a row of docs/findings.md, which
//! a test holds against this table.

mod charts;
mod fields;
mod images;
mod needs;
mod order;
mod references;
mod repository;
mod secrets;

use super::Code;

/// Makes constants of a table, and a list of them.
macro_rules! codes {
    ($($constant:ident = $name:literal, [$($severity:ident),+] {
        title: $title:literal,
        why: $why:literal,
        $(example: $example:literal,)?
        mend: $mend:literal $(,)?
    })*) => {
        $(
            #[doc = concat!("The code `", $name, "`.")]
            pub const $constant: $crate::finding::Code = $crate::finding::Code::of(
                &$crate::finding::Entry {
                    name: $name,
                    severities: &[$($crate::finding::Severity::$severity),+],
                    title: $title,
                    explanation: $why,
                    example: concat!("", $($example)?),
                    mend: $mend,
                },
            );
        )*
        pub(super) const LISTED: &[$crate::finding::Code] = &[$($constant),*];
    };
}
use codes;

pub use charts::*;
pub use fields::*;
pub use images::*;
pub use needs::*;
pub use order::*;
pub use references::*;
pub use repository::*;
pub use secrets::*;

/// The tables with their headings, in the order in which they are listed.
pub const TABLES: &[(&str, &[Code])] = &[
    ("What nobody provides", needs::LISTED),
    ("Order", order::LISTED),
    ("References between objects", references::LISTED),
    ("Kinds and fields", fields::LISTED),
    ("Secrets", secrets::LISTED),
    ("Images", images::LISTED),
    ("The repository and Argo CD", repository::LISTED),
    ("One chart, by `chart lint`", charts::LISTED),
];

/// Returns every code.
pub fn all() -> impl Iterator<Item = Code> {
    TABLES.iter().flat_map(|(_, codes)| codes.iter().copied())
}

#[cfg(test)]
mod tests;
