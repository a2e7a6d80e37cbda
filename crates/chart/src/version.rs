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
const RANGE_VERSION: &str = r"v?([0-9|x|X|\*]+)(\.[0-9|x|X|\*]+)?(\.[0-9|x|X|\*]+)?(-(?:[0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*))?(?:\+(?:[0-9A-Za-z\-]+(?:\.[0-9A-Za-z\-]+)*))?";
const OPERATORS: &str = r"=||!=|>|<|>=|=>|<=|=<|~|~>|\^";

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the pattern is a constant")
}

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

/// The parts of a loose version, as they are written.
struct Parts<'t> {
    /// The digits of up to three numbers.
    numbers: [Option<&'t str>; 3],
    prerelease: &'t str,
    metadata: &'t str,
}

impl<'t> Parts<'t> {
    /// Reads a version where a text begins, as much as there is; returns what follows it, too.
    fn scan(text: &'t str, number: Number) -> Option<(Self, &'t str)> {
        let (first, mut rest) = number(text.strip_prefix('v').unwrap_or(text))?;
        let mut numbers = [Some(first), None, None];
        for further in &mut numbers[1..] {
            let Some((found, after)) = rest.strip_prefix('.').and_then(number) else {
                break;
            };
            *further = Some(found);
            rest = after;
        }
        let mut labels = |sign: char| {
            let found = rest.strip_prefix(sign).and_then(labels);
            let (found, after) = found.unwrap_or(("", rest));
            rest = after;
            found
        };
        let (prerelease, metadata) = (labels('-'), labels('+'));
        Some((
            Self {
                numbers,
                prerelease,
                metadata,
            },
            rest,
        ))
    }
}

/// Splits a number off the beginning of a text.
type Number = fn(&str) -> Option<(&str, &str)>;

/// Splits off digits, or what stands for any number.
fn digits_or_open(text: &str) -> Option<(&str, &str)> {
    if text.starts_with(['x', 'X', '*']) {
        return Some(text.split_at(1));
    }
    digits(text)
}

/// Splits off the digits at the beginning of a text; there must be one at least.
fn digits(text: &str) -> Option<(&str, &str)> {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    (end > 0).then(|| text.split_at(end))
}

/// Splits off words of letters, digits and hyphens with dots between them.
fn labels(text: &str) -> Option<(&str, &str)> {
    let word = |from: usize| {
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
        text.bytes().skip(from).take_while(is_word).count()
    };
    let mut end = word(0);
    if end == 0 {
        return None;
    }
    while text[end..].starts_with('.') {
        match word(end + 1) {
            0 => break,
            more => end += 1 + more,
        }
    }
    Some(text.split_at(end))
}

impl Version {
    /// Reads a version, tolerant of a leading `v` and of missing parts.
    pub fn parse(text: &str) -> Result<Self, VersionError> {
        if text.len() > 256 {
            return Err(VersionError::VersionTooLong);
        }
        let (parts, rest) = Parts::scan(text, digits).ok_or(VersionError::InvalidVersion)?;
        if !rest.is_empty() {
            return Err(VersionError::InvalidVersion);
        }
        let number = |index: usize| -> Result<u64, VersionError> {
            parts.numbers[index].map_or(Ok(0), |digits| {
                digits
                    .parse()
                    .map_err(|_| VersionError::Segment(digits.to_owned()))
            })
        };
        let prerelease = parts.prerelease.to_owned();
        let leading_zero = |part: &str| {
            part.len() > 1 && part.starts_with('0') && part.bytes().all(|b| b.is_ascii_digit())
        };
        if prerelease.split('.').any(leading_zero) {
            return Err(VersionError::LeadingZero);
        }
        Ok(Self {
            major: number(0)?,
            minor: number(1)?,
            patch: number(2)?,
            prerelease,
            metadata: parts.metadata.to_owned(),
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
        if let Some(group) = Group::plain(text) {
            return group.map(|group| Self {
                groups: vec![group],
            });
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
    /// Reads what nearly all ranges are, such as `>=1.22.0-0` or `^1.2, !=1.3.5`, without the
    /// regular expressions of Masterminds, which take long to compile; nothing for all others.
    fn plain(text: &str) -> Option<Result<Self, VersionError>> {
        const BLANK: [char; 5] = ['\t', '\n', '\x0c', '\r', ' '];
        let mut terms = Vec::new();
        let mut rest = text.trim_matches(BLANK);
        loop {
            let (operator, after) = ["!=", ">=", "=>", "<=", "=<", "~>", "=", ">", "<", "~", "^"]
                .iter()
                .find_map(|sign| Some((*sign, rest.strip_prefix(sign)?)))
                .unwrap_or(("", rest));
            let version = after.trim_start_matches(BLANK);
            let (parts, after) = Parts::scan(version, digits_or_open)?;
            let written = &version[..version.len() - after.len()];
            let [Some(major), minor, patch] = parts.numbers else {
                return None;
            };
            let dotted = |part: Option<&str>| part.map_or(String::new(), |part| format!(".{part}"));
            let prerelease = match parts.prerelease {
                "" => String::new(),
                prerelease => format!("-{prerelease}"),
            };
            terms.push(Term::new(&RangeParts {
                operator,
                version: written,
                major,
                minor: &dotted(minor),
                patch: &dotted(patch),
                prerelease: &prerelease,
            })?);
            let next = after.trim_start_matches(BLANK);
            rest = match next.strip_prefix(',') {
                _ if next.is_empty() => break,
                Some(next) => next.trim_start_matches(BLANK),
                // A hyphen between blanks is a range of another kind.
                None if next.len() < after.len() && !next.starts_with('-') => next,
                None => return None,
            };
        }
        Some(terms.into_iter().collect::<Result<_, _>>().map(Self::new))
    }

    fn new(terms: Vec<Term>) -> Self {
        let names_prerelease = terms.iter().any(|term| !term.version.prerelease.is_empty());
        Self {
            terms,
            names_prerelease,
        }
    }

    fn parse(text: &str) -> Result<Self, VersionError> {
        if !VALID_GROUP.is_match(text) {
            return Err(VersionError::ImproperConstraint(text.to_owned()));
        }
        let terms = FIND_TERMS
            .find_iter(text)
            .map(|found| Term::parse(found.as_str()))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self::new(terms))
    }
}

/// The parts of a term, as they are written; the minor and patch numbers with their dots and the
/// prerelease with its hyphen, each empty where it is missing.
struct RangeParts<'t> {
    operator: &'t str,
    version: &'t str,
    major: &'t str,
    minor: &'t str,
    patch: &'t str,
    prerelease: &'t str,
}

impl Term {
    fn parse(text: &str) -> Result<Self, VersionError> {
        let improper = || VersionError::ImproperConstraint(text.to_owned());
        let found = TERM.captures(text).ok_or_else(improper)?;
        let part = |index: usize| found.get(index).map_or("", |part| part.as_str());
        let parts = RangeParts {
            operator: part(1),
            version: part(2),
            major: part(3),
            minor: part(4),
            patch: part(5),
            prerelease: part(6),
        };
        Self::new(&parts).ok_or_else(improper)?
    }

    /// Makes a term of its parts; nothing where there is no such operator.
    fn new(parts: &RangeParts<'_>) -> Option<Result<Self, VersionError>> {
        let operator = match parts.operator {
            "" | "=" => Operator::TildeOrEqual,
            "!=" => Operator::NotEqual,
            ">" => Operator::Greater,
            "<" => Operator::Less,
            ">=" | "=>" => Operator::GreaterEqual,
            "<=" | "=<" => Operator::LessEqual,
            "~" | "~>" => Operator::Tilde,
            "^" => Operator::Caret,
            _ => return None,
        };
        let is_open = |text: &str| matches!(text, "" | "x" | "X" | "*" | ".x" | ".X" | ".*");
        let RangeParts {
            major,
            minor,
            patch,
            prerelease,
            ..
        } = *parts;
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
            parts.version.to_owned()
        };
        let version = Version::parse(&version).map_err(|_| VersionError::ConstraintVersion);
        Some(version.map(|version| Self {
            operator,
            version,
            open,
            open_minor,
            open_patch,
        }))
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

    /// Ranges of all shapes that the short way may take, and of some that it must leave alone.
    #[test]
    fn the_short_way_reads_ranges_as_the_regular_expressions_do() {
        let operators = ["", "=", "!=", ">=", "=>", "<", "~>", "^", "> ", "~1 ", "-"];
        let versions = [
            "1",
            "v1.2",
            "1.2.3",
            "1.2.3-0",
            "1.2-a.1+b.2",
            "01.2.3",
            "1.2.x",
            "*",
            "2.x.x",
            "v1.X",
            "1.*-0",
            "x.1",
            "1.2.x3",
            "1.xx",
            "X-1",
            "1.2x",
            "1.2.3.4",
            "1..2",
            "1.2.3-",
            "99999999999999999999",
            "1.2.3-01",
            "",
        ];
        let ends = [
            "", " ", ", ", ",", "  -", " - 3", "||^2", " || ^2", " >1", ",,", "x", "|",
        ];
        let mut short = 0;
        for operator in operators {
            for version in versions {
                for end in ends {
                    for more in ["", "<4.1", " 1.2 - 1.4"] {
                        let text = format!("{operator}{version}{end}{more}");
                        let Some(plain) = Group::plain(&text) else {
                            continue;
                        };
                        short += 1;
                        let full = rewrite_hyphen_ranges(&text)
                            .split("||")
                            .map(Group::parse)
                            .collect::<Result<Vec<_>, _>>();
                        let plain = plain.map(|group| vec![group]);
                        assert_eq!(format!("{plain:?}"), format!("{full:?}"), "{text}");
                    }
                }
            }
        }
        assert!(short > 500, "{short}");
    }

    #[test]
    fn what_is_shown_of_the_longest_versions_is_too_long_to_be_read() {
        let longest = Version::parse(&format!("1-{}", "a".repeat(254))).unwrap();
        let again = Version::parse(&longest.to_string());
        assert_eq!(again.unwrap_err(), VersionError::VersionTooLong);
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
