//! Semantic versions and ranges by the rules of Masterminds/semver, which Helm uses everywhere:
//! takes text, gives versions and answers whether one lies in a range, never fetches a list of
//! versions.
//!
//! These rules differ from Cargo's and npm's: versions are loose (`1.2`, `v1`), a bare number is a
//! tilde range when parts are missing, and prereleases count only where the range names one.

use std::cmp::Ordering;
use std::sync::LazyLock;

use regex::Regex;

/// Why a version or a range was refused, worded as Helm words it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VersionError {
    /// The text is no version.
    #[error("invalid semantic version")]
    InvalidVersion,
    /// The text is longer than any version.
    #[error("version string is too long (max 256 bytes)")]
    VersionTooLong,
    /// A number does not fit 64 bits.
    #[error("error parsing version segment: strconv.ParseUint: parsing {0:?}: value out of range")]
    Segment(String),
    /// A numeric prerelease part begins with a zero.
    #[error("version segment starts with 0")]
    LeadingZero,
    /// The text is no range.
    #[error("improper constraint: {0:?}")]
    ImproperConstraint(String),
    /// The range is longer than any range.
    #[error("constraint string is too long (max 512 bytes)")]
    ConstraintTooLong,
    /// The range has too many alternatives.
    #[error("too many constraint groups (max 32)")]
    TooManyGroups,
    /// A part of the range is no version.
    #[error("constraint parser error")]
    ConstraintVersion,
}

/// A semantic version.
#[derive(Debug, Clone)]
pub struct Version {
    /// The first number.
    pub major: u64,
    /// The second number, zero where it is missing.
    pub minor: u64,
    /// The third number, zero where it is missing.
    pub patch: u64,
    /// What follows the hyphen, without it.
    pub prerelease: String,
    /// What follows the plus sign, without it.
    pub metadata: String,
    /// The text as it was given.
    pub original: String,
}

const SPACE: &str = r"[\t\n\f\r ]";
const LOOSE: &str = r"v?([0-9]+)(\.[0-9]+)?(\.[0-9]+)?(?:-([0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*))?(?:\+([0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*))?";
const RANGE_VERSION: &str = r"v?([0-9|x|X|\*]+)(\.[0-9|x|X|\*]+)?(\.[0-9|x|X|\*]+)?(-(?:[0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*))?(?:\+(?:[0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*))?";
const OPERATORS: &str = r"=||!=|>|<|>=|=>|<=|=<|~|~>|\^";

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is a constant")
}

static LOOSE_VERSION: LazyLock<Regex> = LazyLock::new(|| pattern(&format!("^{LOOSE}$")));
static TERM: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        "^{SPACE}*({OPERATORS}){SPACE}*({RANGE_VERSION}){SPACE}*$"
    ))
});
static HYPHEN_RANGE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(
        "{SPACE}*({RANGE_VERSION}){SPACE}+-{SPACE}+({RANGE_VERSION}){SPACE}*"
    ))
});
static FIND_TERMS: LazyLock<Regex> =
    LazyLock::new(|| pattern(&format!("({OPERATORS}){SPACE}*({RANGE_VERSION})")));
static VALID_GROUP: LazyLock<Regex> = LazyLock::new(|| {
    let term = format!("(?:{OPERATORS}){SPACE}*(?:{RANGE_VERSION}){SPACE}*");
    pattern(&format!(
        "^(?:{SPACE}*{term})(?:(?:{SPACE}+|,{SPACE}*){term})*$"
    ))
});

impl Version {
    /// Reads a version, tolerant of a leading `v` and of missing parts.
    pub fn parse(text: &str) -> Result<Self, VersionError> {
        if text.len() > 256 {
            return Err(VersionError::VersionTooLong);
        }
        let found = LOOSE_VERSION
            .captures(text)
            .ok_or(VersionError::InvalidVersion)?;
        let number = |index: usize| -> Result<u64, VersionError> {
            found.get(index).map_or(Ok(0), |part| {
                let digits = part.as_str().trim_start_matches('.');
                digits
                    .parse()
                    .map_err(|_| VersionError::Segment(digits.to_owned()))
            })
        };
        let part = |index: usize| {
            found
                .get(index)
                .map_or(String::new(), |part| part.as_str().to_owned())
        };
        let prerelease = part(4);
        let leading_zero = |part: &str| {
            part.len() > 1 && part.starts_with('0') && part.bytes().all(|b| b.is_ascii_digit())
        };
        if prerelease.split('.').any(leading_zero) {
            return Err(VersionError::LeadingZero);
        }
        Ok(Self {
            major: number(1)?,
            minor: number(2)?,
            patch: number(3)?,
            prerelease,
            metadata: part(5),
            original: text.to_owned(),
        })
    }

    /// Compares by precedence: metadata and spelling do not count.
    pub fn compare(&self, other: &Self) -> Ordering {
        (self.major, self.minor, self.patch)
            .cmp(&(other.major, other.minor, other.patch))
            .then_with(
                || match (self.prerelease.is_empty(), other.prerelease.is_empty()) {
                    (true, true) => Ordering::Equal,
                    (true, false) => Ordering::Greater,
                    (false, true) => Ordering::Less,
                    (false, false) => compare_prerelease(&self.prerelease, &other.prerelease),
                },
            )
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.prerelease.is_empty() {
            write!(formatter, "-{}", self.prerelease)?;
        }
        if !self.metadata.is_empty() {
            write!(formatter, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

fn compare_prerelease(left: &str, right: &str) -> Ordering {
    let mut left = left.split('.');
    let mut right = right.split('.');
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(a), Some(b)) => match (a.parse::<u64>(), b.parse::<u64>()) {
                (Ok(a), Ok(b)) => a.cmp(&b),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => a.cmp(b),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// A range of versions such as `>=1.2 <2 || ^3`.
#[derive(Debug, Clone)]
pub struct Constraint {
    groups: Vec<Group>,
}

#[derive(Debug, Clone)]
struct Group {
    terms: Vec<Term>,
    names_prerelease: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    TildeOrEqual,
    NotEqual,
    Greater,
    Less,
    GreaterEqual,
    LessEqual,
    Tilde,
    Caret,
}

/// One comparison; the flags say which parts of its version were left open.
#[derive(Debug, Clone)]
struct Term {
    operator: Operator,
    version: Version,
    open: bool,
    open_minor: bool,
    open_patch: bool,
}

impl Constraint {
    /// Reads a range.
    pub fn parse(text: &str) -> Result<Self, VersionError> {
        if text.len() > 512 {
            return Err(VersionError::ConstraintTooLong);
        }
        let text = rewrite_hyphen_ranges(text);
        let alternatives: Vec<&str> = text.split("||").collect();
        if alternatives.len() > 32 {
            return Err(VersionError::TooManyGroups);
        }
        let groups = alternatives
            .into_iter()
            .map(Group::parse)
            .collect::<Result<_, _>>()?;
        Ok(Self { groups })
    }

    /// Returns whether the version lies in the range.
    pub fn check(&self, version: &Version) -> bool {
        self.groups.iter().any(|group| {
            group.terms.iter().all(|term| {
                (version.prerelease.is_empty() || group.names_prerelease) && term.admits(version)
            })
        })
    }
}

/// Returns whether the version lies in the range; false where either cannot be read.
pub fn is_compatible(constraint: &str, version: &str) -> bool {
    match (Constraint::parse(constraint), Version::parse(version)) {
        (Ok(constraint), Ok(version)) => constraint.check(&version),
        _ => false,
    }
}

fn rewrite_hyphen_ranges(text: &str) -> String {
    // The bounds are the first and the sixth group: each version has four groups of its own.
    HYPHEN_RANGE.replace_all(text, ">= $1, <= $6 ").into_owned()
}

impl Group {
    fn parse(text: &str) -> Result<Self, VersionError> {
        if !VALID_GROUP.is_match(text) {
            return Err(VersionError::ImproperConstraint(text.to_owned()));
        }
        let terms = FIND_TERMS
            .find_iter(text)
            .map(|found| Term::parse(found.as_str()))
            .collect::<Result<Vec<_>, _>>()?;
        let names_prerelease = terms.iter().any(|term| !term.version.prerelease.is_empty());
        Ok(Self {
            terms,
            names_prerelease,
        })
    }
}

impl Term {
    fn parse(text: &str) -> Result<Self, VersionError> {
        let improper = || VersionError::ImproperConstraint(text.to_owned());
        let found = TERM.captures(text).ok_or_else(improper)?;
        let part = |index: usize| found.get(index).map_or("", |part| part.as_str());
        let operator = match part(1) {
            "" | "=" => Operator::TildeOrEqual,
            "!=" => Operator::NotEqual,
            ">" => Operator::Greater,
            "<" => Operator::Less,
            ">=" | "=>" => Operator::GreaterEqual,
            "<=" | "=<" => Operator::LessEqual,
            "~" | "~>" => Operator::Tilde,
            "^" => Operator::Caret,
            _ => return Err(improper()),
        };
        let is_open = |text: &str| matches!(text, "" | "x" | "X" | "*" | ".x" | ".X" | ".*");
        let (major, minor, patch, prerelease) = (part(3), part(4), part(5), part(6));
        let (mut open, mut open_minor, mut open_patch) = (true, false, false);
        let version = if is_open(major) {
            format!("0.0.0{prerelease}")
        } else if is_open(minor) {
            open_minor = true;
            format!("{major}.0.0{prerelease}")
        } else if is_open(patch) {
            open_patch = true;
            format!("{major}{minor}.0{prerelease}")
        } else {
            open = false;
            part(2).to_owned()
        };
        let version = Version::parse(&version).map_err(|_| VersionError::ConstraintVersion)?;
        Ok(Self {
            operator,
            version,
            open,
            open_minor,
            open_patch,
        })
    }

    fn admits(&self, version: &Version) -> bool {
        let own = &self.version;
        let order = version.compare(own);
        match self.operator {
            Operator::TildeOrEqual if self.open => self.admits_tilde(version),
            Operator::TildeOrEqual => order == Ordering::Equal,
            Operator::NotEqual => self.differs(version),
            Operator::Greater if self.open && version.major != own.major => {
                version.major > own.major
            }
            Operator::Greater if self.open && self.open_minor => false,
            Operator::Greater if self.open && self.open_patch => version.minor > own.minor,
            Operator::Greater => order == Ordering::Greater,
            Operator::Less => order == Ordering::Less,
            Operator::GreaterEqual => order != Ordering::Less,
            Operator::LessEqual if self.open => {
                version.major < own.major
                    || version.major == own.major && (version.minor <= own.minor || self.open_minor)
            }
            Operator::LessEqual => order != Ordering::Greater,
            Operator::Tilde => self.admits_tilde(version),
            Operator::Caret => order != Ordering::Less && self.same_leading_part(version),
        }
    }

    fn differs(&self, version: &Version) -> bool {
        let own = &self.version;
        if self.open {
            if version.major != own.major {
                return true;
            }
            if self.open_minor {
                return false;
            }
            if version.minor != own.minor {
                return true;
            }
            if self.open_patch {
                return version.prerelease != own.prerelease;
            }
        }
        version.compare(own) != Ordering::Equal
    }

    fn admits_tilde(&self, version: &Version) -> bool {
        let own = &self.version;
        if version.compare(own) == Ordering::Less {
            return false;
        }
        // `~0.0.0` and `*` admit everything.
        let zero = (own.major, own.minor, own.patch) == (0, 0, 0);
        if zero && !self.open_minor && !self.open_patch {
            return true;
        }
        version.major == own.major && (version.minor == own.minor || self.open_minor)
    }

    fn same_leading_part(&self, version: &Version) -> bool {
        let own = &self.version;
        if version.major != own.major {
            return false;
        }
        if own.major > 0 || self.open_minor {
            return true;
        }
        if version.minor != own.minor {
            return false;
        }
        own.minor > 0 || self.open_patch || version.patch == own.patch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(constraint: &str, version: &str, expected: bool) {
        let range = Constraint::parse(constraint).unwrap();
        let version = Version::parse(version).unwrap();
        assert_eq!(range.check(&version), expected, "{constraint} {version}");
    }

    #[test]
    fn ranges_follow_masterminds() {
        check(">=1.21-0", "v1.34.0", true);
        check(">=1.21-0", "1.34.0-gke.1", true);
        check(">=1.21", "1.34.0-gke.1", false);
        check("1.2", "1.2.9", true);
        check("1.2", "1.3.0", false);
        check("=1", "1.9.9", true);
        check("*", "7.1.0", true);
        check("*", "7.1.0-rc.1", false);
        check("^0.2.3", "0.2.9", true);
        check("^0.2.3", "0.3.0", false);
        check("^0.0.3", "0.0.4", false);
        check("^0", "0.9.0", true);
        check("~1.2.3", "1.2.9", true);
        check("~1", "1.9.0", true);
        check("~> 2", "3.0.0", false);
        check("1.2 - 1.4.5", "1.4.5", true);
        check("1.2 - 1.4.5", "1.4.6", false);
        check("<1.2 || >=2", "2.0.0", true);
        check(">1", "1.5.0", false);
        check(">1.2", "1.2.7", false);
        check("!=1.2", "1.2.7", false);
        check("<=1.2", "1.2.7", true);
        check(">= 1.0, < 2", "1.5.0", true);
        check(">= 1.0 < 2", "2.0.0", false);
        check("1.x", "1.7.0", true);
    }

    #[test]
    fn what_is_no_version_is_refused_in_helms_words() {
        assert_eq!(
            Version::parse("x").unwrap_err().to_string(),
            "invalid semantic version"
        );
        assert_eq!(
            Version::parse("1.2.3.4").unwrap_err().to_string(),
            "invalid semantic version"
        );
        assert_eq!(
            Version::parse("1.2.3-01").unwrap_err().to_string(),
            "version segment starts with 0"
        );
        assert_eq!(
            Constraint::parse("nope").unwrap_err().to_string(),
            "improper constraint: \"nope\""
        );
    }

    #[test]
    fn prereleases_compare_by_their_parts() {
        let order = |a: &str, b: &str| {
            Version::parse(a)
                .unwrap()
                .compare(&Version::parse(b).unwrap())
        };
        assert_eq!(order("1.0.0-alpha", "1.0.0"), Ordering::Less);
        assert_eq!(order("1.0.0-alpha.2", "1.0.0-alpha.10"), Ordering::Less);
        assert_eq!(order("1.0.0-1", "1.0.0-a"), Ordering::Less);
        assert_eq!(order("v1.2", "1.2.0+build"), Ordering::Equal);
    }
}
