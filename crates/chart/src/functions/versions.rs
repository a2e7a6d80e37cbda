//! Sprig's functions on semantic versions: takes texts, gives versions and verdicts by
//! Masterminds' rules, never looks versions up.

use std::borrow::Cow;

use gotemplate::{FunctionError, FunctionTable, Host, Kind, Parameter, Signature, Value};

use super::arguments::{TEXT, TEXT_TEXT, nil_pointer, text};
use crate::version::{Constraint, Version, VersionError};

pub(super) fn register(table: &mut FunctionTable) {
    table.register("semver", TEXT, |_, a| {
        Ok(Value::host(VersionValue {
            version: version(&text(a, 0))?,
            is_pointer: true,
        }))
    });
    table.register("semverCompare", TEXT_TEXT, |_, a| {
        let told = |error: VersionError| FunctionError::new(error.to_string());
        let constraint = Constraint::parse(&text(a, 0)).map_err(told)?;
        Ok(constraint.check(&version(&text(a, 1))?).into())
    });
}

fn version(text: &str) -> Result<Version, FunctionError> {
    Version::parse(text).map_err(|error| FunctionError::new(error.to_string()))
}

/// A version as a template sees it: `*semver.Version`, or `semver.Version` where a method of
/// Masterminds' gives no pointer.
#[derive(Debug)]
struct VersionValue {
    version: Version,
    is_pointer: bool,
}

const POINTER: &str = "*semver.Version";
const OTHER: Signature = Signature::fixed(&[Parameter::Host(POINTER)]);
const NONE: Signature = Signature::fixed(&[]);

impl VersionValue {
    /// Returns the version with other numbers; what stands behind them is dropped.
    fn next(&self, major: u64, minor: u64, patch: u64) -> Value {
        let mut version = Version {
            major,
            minor,
            patch,
            prerelease: String::new(),
            metadata: String::new(),
            original: String::new(),
        };
        version.original = format!("{}{version}", self.prefix());
        Value::host(Self {
            version,
            is_pointer: false,
        })
    }

    fn prefix(&self) -> &'static str {
        if self.version.original.starts_with('v') {
            "v"
        } else {
            ""
        }
    }

    fn with(&self, change: impl FnOnce(&mut Version)) -> Value {
        let mut version = self.version.clone();
        change(&mut version);
        version.original = format!("{}{version}", self.prefix());
        Value::host(Self {
            version,
            is_pointer: false,
        })
    }
}

fn one_more(what: &str, number: u64) -> Result<u64, FunctionError> {
    number.checked_add(1).ok_or_else(|| {
        FunctionError::new(format!("{what} version increment would overflow uint64"))
    })
}

/// Checks what stands behind a hyphen or a plus sign; prereleases have no numbers with zeros before.
fn check_identifiers(text: &str, are_prereleases: bool) -> Result<(), FunctionError> {
    let complaint = if are_prereleases {
        "invalid prerelease string"
    } else {
        "invalid metadata string"
    };
    for part in text.split('.') {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if part.is_empty() || !part.bytes().all(known) {
            return Err(complaint.into());
        }
        let is_number = part.bytes().all(|byte| byte.is_ascii_digit());
        if are_prereleases && is_number && part.len() > 1 && part.starts_with('0') {
            return Err("version segment starts with 0".into());
        }
    }
    Ok(())
}

/// Source: Masterminds/semver v3, `version.go`.
impl Host for VersionValue {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed(if self.is_pointer {
            POINTER
        } else {
            "semver.Version"
        })
    }

    fn kind(&self) -> Kind {
        if self.is_pointer {
            Kind::Pointer
        } else {
            Kind::Struct
        }
    }

    fn fields(&self) -> Option<Vec<(&'static str, Value)>> {
        let Version {
            major,
            minor,
            patch,
            prerelease,
            metadata,
            original,
        } = &self.version;
        Some(vec![
            ("major", Value::Uint64(*major)),
            ("minor", Value::Uint64(*minor)),
            ("patch", Value::Uint64(*patch)),
            ("pre", prerelease.as_str().into()),
            ("metadata", metadata.as_str().into()),
            ("original", original.as_str().into()),
        ])
    }

    fn signature(&self, method: &str) -> Option<Signature> {
        match method {
            "Major" | "Minor" | "Patch" | "Prerelease" | "Metadata" | "String" | "IncMajor"
            | "IncMinor" | "IncPatch" | "MarshalText" | "MarshalJSON" => Some(NONE),
            "SetPrerelease" | "SetMetadata" => Some(TEXT),
            "Original" if self.is_pointer => Some(NONE),
            "Compare" | "Equal" | "LessThan" | "LessThanEqual" | "GreaterThan"
            | "GreaterThanEqual"
                if self.is_pointer =>
            {
                Some(OTHER)
            }
            _ => None,
        }
    }

    fn method(&self, name: &str, arguments: &[Value]) -> Result<Value, FunctionError> {
        let version = &self.version;
        let order = || {
            let other = match arguments {
                [Value::Host(host)] => {
                    (&**host as &dyn std::any::Any).downcast_ref::<VersionValue>()
                }
                _ => None,
            };
            other
                .map(|other| version.compare(&other.version))
                .ok_or_else(nil_pointer)
        };
        Ok(match name {
            "Major" => version.major.into(),
            "Minor" => version.minor.into(),
            "Patch" => version.patch.into(),
            "Prerelease" => version.prerelease.as_str().into(),
            "Metadata" => version.metadata.as_str().into(),
            "Original" => version.original.as_str().into(),
            "MarshalText" => Value::Bytes(version.to_string().as_bytes().into()),
            "MarshalJSON" => Value::Bytes(format!("\"{version}\"").as_bytes().into()),
            "Compare" => Value::Int(order()? as i64),
            "Equal" => order()?.is_eq().into(),
            "LessThan" => order()?.is_lt().into(),
            "LessThanEqual" => order()?.is_le().into(),
            "GreaterThan" => order()?.is_gt().into(),
            "GreaterThanEqual" => order()?.is_ge().into(),
            "IncMajor" => self.next(one_more("major", version.major)?, 0, 0),
            "IncMinor" => self.next(version.major, one_more("minor", version.minor)?, 0),
            // A prerelease leads up to its own patch.
            "IncPatch" if !version.prerelease.is_empty() => {
                self.next(version.major, version.minor, version.patch)
            }
            "IncPatch" => self.next(
                version.major,
                version.minor,
                one_more("patch", version.patch)?,
            ),
            "SetPrerelease" => {
                let text = text(arguments, 0);
                if !text.is_empty() {
                    check_identifiers(&text, true)?;
                }
                self.with(|version| version.prerelease = text.into_owned())
            }
            "SetMetadata" => {
                let text = text(arguments, 0);
                if !text.is_empty() {
                    check_identifiers(&text, false)?;
                }
                self.with(|version| version.metadata = text.into_owned())
            }
            _ => version.to_string().into(),
        })
    }

    /// No field is exported, so that nothing is left.
    fn copied(&self, _: Option<Value>) -> Option<Value> {
        Some(Value::host(Self {
            version: Version {
                major: 0,
                minor: 0,
                patch: 0,
                prerelease: String::new(),
                metadata: String::new(),
                original: String::new(),
            },
            is_pointer: self.is_pointer,
        }))
    }

    fn display(&self) -> Option<String> {
        Some(self.version.to_string())
    }

    fn json(&self) -> Option<serde_json::Value> {
        Some(self.version.to_string().into())
    }
}
