//! `.helmignore`: takes its text, tells which paths of a chart are left out, never reads a file.

use crate::pattern::{ShellPattern, shell_pattern};

/// A rule of `.helmignore` that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IgnoreError {
    /// Two stars mean nothing to Helm.
    #[error("line {line}: double-star (**) syntax is not supported")]
    DoubleStar {
        /// The line, counted from 1.
        line: usize,
    },
    /// The line is longer than Go's line reader admits.
    #[error("line {line}: bufio.Scanner: token too long")]
    TooLong {
        /// The line, counted from 1.
        line: usize,
    },
    /// The pattern is malformed.
    #[error("line {line}: syntax error in pattern")]
    Syntax {
        /// The line, counted from 1.
        line: usize,
    },
}

/// The longest line that Go's line reader takes.
const LONGEST_LINE: usize = 64 * 1024;

/// The rules of one chart.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rules {
    rules: Vec<Rule>,
}

#[derive(Debug, Clone)]
struct Rule {
    pattern: ShellPattern,
    negated: bool,
    directories_only: bool,
    base_name_only: bool,
}

impl Rules {
    /// Reads the rules and adds Helm's own, which leaves out dot files among the templates.
    pub(crate) fn parse(text: &str) -> Result<Self, IgnoreError> {
        let mut rules = Self::default();
        let text = text.trim_start_matches('\u{feff}');
        for (index, line) in text.lines().enumerate() {
            if line.len() >= LONGEST_LINE {
                return Err(IgnoreError::TooLong { line: index + 1 });
            }
            rules.add(line.trim(), index + 1)?;
        }
        rules.add("templates/.?*", 0)?;
        Ok(rules)
    }

    fn add(&mut self, rule: &str, line: usize) -> Result<(), IgnoreError> {
        if rule.is_empty() || rule.starts_with('#') {
            return Ok(());
        }
        if rule.contains("**") {
            return Err(IgnoreError::DoubleStar { line });
        }
        let (negated, rule) = rule
            .strip_prefix('!')
            .map_or((false, rule), |rest| (true, rest));
        let (directories_only, rule) = rule
            .strip_suffix('/')
            .map_or((false, rule), |rest| (true, rest));
        let base_name_only = !rule.contains('/');
        let rule = rule.strip_prefix('/').unwrap_or(rule);
        let pattern = shell_pattern(rule).map_err(|_| IgnoreError::Syntax { line })?;
        self.rules.push(Rule {
            pattern,
            negated,
            directories_only,
            base_name_only,
        });
        Ok(())
    }

    /// Returns whether the path, relative to the chart, is left out.
    pub(crate) fn ignores(&self, path: &str, is_directory: bool) -> bool {
        for rule in &self.rules {
            if rule.directories_only && !is_directory {
                // A negated rule leaves out all that it does not match.
                if rule.negated {
                    return true;
                }
                continue;
            }
            let subject = if rule.base_name_only {
                path.rsplit('/').next().unwrap_or(path)
            } else {
                path
            };
            if rule.pattern.is_match(subject) != rule.negated {
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_leave_out_files_and_directories() {
        let rules = Rules::parse("# comment\n*.swp\n.git/\n/root.txt\nci/*.yaml\n").unwrap();
        assert!(rules.ignores("templates/a.swp", false));
        assert!(rules.ignores(".git", true));
        assert!(!rules.ignores(".git", false));
        assert!(rules.ignores("root.txt", false));
        assert!(!rules.ignores("sub/root.txt", false));
        assert!(rules.ignores("ci/a.yaml", false));
        assert!(rules.ignores("templates/.hidden", false));
        assert!(!rules.ignores("templates/a.yaml", false));
        assert_eq!(
            Rules::parse("a\n**/b").unwrap_err(),
            IgnoreError::DoubleStar { line: 2 }
        );
    }
}
