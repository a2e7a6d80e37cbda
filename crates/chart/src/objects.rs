//! What `.Capabilities` and `.Values` are to a template: takes what a cluster can do and maps of
//! values, gives values with Go's type names, fields and methods, never changes them.
//!
//! Source: Helm's `pkg/chart/common` (`capabilities.go`, `values.go`) and `internal/version`.

use std::borrow::Cow;

use gotemplate::{FunctionError, Host, Kind, List, Map, Parameter, Signature, Value};

use crate::capabilities::{Capabilities, HelmVersion, KubeVersion};
use crate::functions::yaml::to_yaml;
use crate::tree;

const NO_ARGUMENTS: Signature = Signature::fixed(&[]);
/// One text.
pub(crate) const TEXT: Signature = Signature::fixed(&[Parameter::String]);

/// Returns the text that the signature of a method has checked.
pub(crate) fn text(arguments: &[Value]) -> Cow<'_, str> {
    match arguments.first() {
        Some(Value::String(text)) => text.to_str(),
        _ => Cow::Borrowed(""),
    }
}

/// `*common.Capabilities`.
#[derive(Debug)]
pub(crate) struct CapabilitiesValue(pub(crate) Capabilities);

impl Host for CapabilitiesValue {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("*common.Capabilities")
    }

    fn kind(&self) -> Kind {
        Kind::Pointer
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "KubeVersion" => Some(Value::host(KubeVersionValue {
                version: self.0.kube_version.clone(),
                addressable: true,
            })),
            "APIVersions" => Some(Value::host(VersionSet(self.0.api_versions.clone()))),
            "HelmVersion" => Some(Value::host(self.0.helm_version.clone())),
            _ => None,
        }
    }

    fn fields(&self) -> Option<Vec<(&'static str, Value)>> {
        let version = Value::host(KubeVersionValue {
            version: self.0.kube_version.clone(),
            addressable: false,
        });
        let mut fields = vec![("KubeVersion", version)];
        for name in ["APIVersions", "HelmVersion"] {
            fields.extend(self.field(name).map(|value| (name, value)));
        }
        Some(fields)
    }

    fn signature(&self, method: &str) -> Option<Signature> {
        (method == "Copy").then_some(NO_ARGUMENTS)
    }

    fn method(&self, _: &str, _: &[Value]) -> Result<Value, FunctionError> {
        Ok(Value::host(Self(self.0.clone())))
    }

    fn copied(&self, _: Option<Value>) -> Option<Value> {
        let mut copy = self.0.clone();
        copy.kube_version.normalized.clear();
        Some(Value::host(Self(copy)))
    }

    fn json_members(&self) -> Option<Vec<(&'static str, Value)>> {
        self.fields()
    }
}

/// `common.KubeVersion`. Its methods are those of its pointer, which Go finds only where the value
/// is still a field of `.Capabilities`.
#[derive(Debug)]
struct KubeVersionValue {
    version: KubeVersion,
    addressable: bool,
}

impl Host for KubeVersionValue {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("common.KubeVersion")
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Version" => Some(Value::from(self.version.version.as_str())),
            "Major" => Some(Value::from(self.version.major.as_str())),
            "Minor" => Some(Value::from(self.version.minor.as_str())),
            _ => None,
        }
    }

    fn fields(&self) -> Option<Vec<(&'static str, Value)>> {
        let KubeVersion {
            version,
            normalized,
            major,
            minor,
        } = &self.version;
        Some(vec![
            ("Version", version.as_str().into()),
            ("normalizedVersion", normalized.as_str().into()),
            ("Major", major.as_str().into()),
            ("Minor", minor.as_str().into()),
        ])
    }

    fn signature(&self, method: &str) -> Option<Signature> {
        (self.addressable && matches!(method, "GitVersion" | "String")).then_some(NO_ARGUMENTS)
    }

    fn method(&self, name: &str, _: &[Value]) -> Result<Value, FunctionError> {
        Ok(match name {
            "GitVersion" => self.version.version.as_str().into(),
            _ => self.version.shown().into(),
        })
    }

    fn boxed(&self) -> Option<Value> {
        self.addressable.then(|| {
            Value::host(Self {
                version: self.version.clone(),
                addressable: false,
            })
        })
    }

    fn display(&self) -> Option<String> {
        self.addressable.then(|| self.version.shown().to_owned())
    }

    fn copied(&self, _: Option<Value>) -> Option<Value> {
        Some(Value::host(Self {
            version: KubeVersion {
                normalized: String::new(),
                ..self.version.clone()
            },
            addressable: false,
        }))
    }

    fn json_members(&self) -> Option<Vec<(&'static str, Value)>> {
        let mut members = self.fields()?;
        members.retain(|(name, _)| *name != "normalizedVersion");
        Some(members)
    }
}

impl HelmVersion {
    fn parts(&self) -> [(&'static str, &'static str, &str); 5] {
        [
            ("Version", "version", &self.version),
            ("GitCommit", "git_commit", &self.git_commit),
            ("GitTreeState", "git_tree_state", &self.git_tree_state),
            ("GoVersion", "go_version", &self.go_version),
            (
                "KubeClientVersion",
                "kube_client_version",
                &self.kube_client_version,
            ),
        ]
    }
}

impl Host for HelmVersion {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("version.BuildInfo")
    }

    fn field(&self, name: &str) -> Option<Value> {
        let mut parts = self.parts().into_iter();
        parts
            .find(|(field, _, _)| *field == name)
            .map(|(_, _, text)| text.into())
    }

    fn fields(&self) -> Option<Vec<(&'static str, Value)>> {
        let parts = self.parts().into_iter();
        Some(parts.map(|(field, _, text)| (field, text.into())).collect())
    }

    fn json_members(&self) -> Option<Vec<(&'static str, Value)>> {
        let parts = self.parts().into_iter();
        let kept = parts.filter(|(_, key, text)| !text.is_empty() || *key == "kube_client_version");
        Some(kept.map(|(_, key, text)| (key, text.into())).collect())
    }
}

/// `common.VersionSet`.
#[derive(Debug)]
struct VersionSet(Vec<String>);

impl Host for VersionSet {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("common.VersionSet")
    }

    fn underlying(&self) -> Option<Value> {
        Some(Value::List(List::strings(
            self.0.iter().map(String::as_str),
        )))
    }

    fn signature(&self, method: &str) -> Option<Signature> {
        (method == "Has").then_some(TEXT)
    }

    fn method(&self, _: &str, arguments: &[Value]) -> Result<Value, FunctionError> {
        let wanted = text(arguments);
        Ok(self.0.iter().any(|version| *wanted == **version).into())
    }
}

/// `common.Values`: a map of values with methods. What is set in the map is seen by all.
#[derive(Debug)]
pub(crate) struct ValuesObject(Map);

impl ValuesObject {
    /// Makes `.Values` of a map, which stays shared.
    pub(crate) fn value(map: Map) -> Value {
        Value::host(Self(map))
    }
}

fn no_table(name: &str) -> FunctionError {
    let name = gotemplate::format::quote(name);
    FunctionError::new(format!("{name} is not a table"))
}

fn no_value(name: &str) -> FunctionError {
    let name = gotemplate::format::quote(name);
    FunctionError::new(format!("{name} is not a value"))
}

/// Returns the table at a dotted path, or complains of the first name that leads to none.
fn table(map: &Map, path: &str) -> Result<Map, FunctionError> {
    path.split('.').try_fold(map.clone(), |table, name| {
        tree::table(&table, name).ok_or_else(|| no_table(name))
    })
}

impl Host for ValuesObject {
    fn type_name(&self) -> Cow<'static, str> {
        Cow::Borrowed("common.Values")
    }

    fn underlying(&self) -> Option<Value> {
        Some(Value::Map(self.0.clone()))
    }

    fn copied(&self, underlying: Option<Value>) -> Option<Value> {
        match underlying {
            Some(Value::Map(map)) => Some(Self::value(map)),
            _ => None,
        }
    }

    fn signature(&self, method: &str) -> Option<Signature> {
        match method {
            "YAML" | "AsMap" => Some(NO_ARGUMENTS),
            "Table" | "PathValue" => Some(TEXT),
            // Nothing in a template is something to write to.
            "Encode" => Some(Signature::fixed(&[Parameter::Host("io.Writer")])),
            _ => None,
        }
    }

    fn method(&self, name: &str, arguments: &[Value]) -> Result<Value, FunctionError> {
        let path = text(arguments);
        match name {
            "YAML" => {
                let mut text = to_yaml(&Value::Map(self.0.clone()))?;
                text.push('\n');
                Ok(text.into())
            }
            "Table" => table(&self.0, &path).map(Self::value),
            "PathValue" => {
                if path.is_empty() {
                    return Err("YAML path cannot be empty".into());
                }
                let (above, name) = match path.rsplit_once('.') {
                    Some((above, name)) => {
                        (table(&self.0, above).map_err(|_| no_value(name))?, name)
                    }
                    None => (self.0.clone(), &*path),
                };
                above
                    .get(name)
                    .filter(|value| !matches!(value, Value::Map(_)))
                    .ok_or_else(|| no_value(name))
            }
            _ if self.0.is_empty() => Ok(Value::Map(Map::new())),
            _ => Ok(Value::Map(self.0.clone())),
        }
    }
}
