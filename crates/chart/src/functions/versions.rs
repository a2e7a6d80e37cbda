//! Sprig's functions on semantic versions: takes texts, gives versions and verdicts by
//! Masterminds' rules, never looks versions up.

use std::borrow::Cow;
use std::cmp::Ordering;

use gotemplate::{FunctionError, FunctionTable, Host, Kind, Value};

use super::arguments::{TEXT, TEXT_TEXT, text};
use crate::version::{Constraint, Version, VersionError};

pub(super) fn register(table: &mut FunctionTable) {
    table.register("semver", TEXT, |_, a| {
        Ok(Value::host(version(&text(a, 0))?))
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

impl Host for Version {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("*semver.Version")
    }

    fn kind(&self) -> Kind {
        Kind::Pointer
    }

    fn method(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, FunctionError>> {
        let other = || match arguments {
            [Value::Host(host)] => (&**host as &dyn std::any::Any).downcast_ref::<Self>(),
            _ => None,
        };
        let compared = |verdict: &dyn Fn(Ordering) -> Value| match other() {
            Some(other) => Ok(verdict(self.compare(other))),
            None => Err(FunctionError::new(
                "wrong type for value; expected *semver.Version",
            )),
        };
        let next = |major, minor, patch| {
            let (prerelease, metadata) = (String::new(), String::new());
            let mut next = Self {
                major,
                minor,
                patch,
                prerelease,
                metadata,
                original: String::new(),
            };
            let prefix = if self.original.starts_with('v') {
                "v"
            } else {
                ""
            };
            next.original = format!("{prefix}{next}");
            Ok(Value::host(next))
        };
        Some(match name {
            "Major" => Ok(self.major.into()),
            "Minor" => Ok(self.minor.into()),
            "Patch" => Ok(self.patch.into()),
            "Prerelease" => Ok(self.prerelease.as_str().into()),
            "Metadata" => Ok(self.metadata.as_str().into()),
            "Original" => Ok(self.original.as_str().into()),
            "String" => Ok(self.to_string().into()),
            "Compare" => compared(&|order| Value::Int(order as i64)),
            "Equal" => compared(&|order| order.is_eq().into()),
            "LessThan" => compared(&|order| order.is_lt().into()),
            "LessThanEqual" => compared(&|order| order.is_le().into()),
            "GreaterThan" => compared(&|order| order.is_gt().into()),
            "GreaterThanEqual" => compared(&|order| order.is_ge().into()),
            "IncMajor" => next(self.major + 1, 0, 0),
            "IncMinor" => next(self.major, self.minor + 1, 0),
            "IncPatch" if self.prerelease.is_empty() => {
                next(self.major, self.minor, self.patch + 1)
            }
            "IncPatch" => next(self.major, self.minor, self.patch),
            _ => return None,
        })
    }

    fn display(&self) -> Option<String> {
        Some(self.to_string())
    }

    fn json(&self) -> Option<serde_json::Value> {
        Some(self.to_string().into())
    }
}
