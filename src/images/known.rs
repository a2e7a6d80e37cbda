//! Where images stand in custom resources: takes a user's rules and lays them over those that are
//! built in, gives the rule of a kind, never guesses.

use std::sync::Arc;

use crate::definition::{EVERY_KIND, ImageRule, SourceFile, supplement};

/// The rules that are built in; in the form of `firstlight.yaml`.
const KNOWN: &str = include_str!("known.yaml");

/// The rules of a repository and those that are built in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    own: Vec<ImageRule>,
    known: Vec<ImageRule>,
}

impl Rules {
    /// Lays rules over those that are built in: where both speak of a kind, a user's rule is meant.
    pub fn new(own: Vec<ImageRule>) -> Self {
        let file = Arc::new(SourceFile {
            path: "known.yaml".to_owned(),
            text: KNOWN.to_owned(),
        });
        // A test reads the same file.
        let known = supplement(&file)
            .map(|known| known.images)
            .unwrap_or_default();
        Self { own, known }
    }

    /// Returns the rule of a kind.
    pub(super) fn find(&self, group: &str, kind: &str) -> Option<&ImageRule> {
        let of = |kind: &str| {
            self.own
                .iter()
                .chain(&self.known)
                .find(|rule| rule.api_group == group && rule.kinds.iter().any(|one| one == kind))
        };
        of(kind).or_else(|| of(EVERY_KIND))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_that_are_built_in_are_good() {
        let file = Arc::new(SourceFile {
            path: "known.yaml".to_owned(),
            text: KNOWN.to_owned(),
        });
        let read = supplement(&file).expect("good rules");
        assert!(read.images.len() > 20);
        assert_eq!(Rules::new(Vec::new()).known, read.images);
    }
}
