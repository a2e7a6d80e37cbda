//! `Chart.yaml`, `requirements.yaml` and their lock files: takes parsed YAML, gives typed fields
//! with Go's conversions, tolerates unknown fields, never looks at other files.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::version::Version;

/// What `Chart.yaml` says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metadata {
    /// The name of the chart.
    pub name: String,
    /// The project's page.
    pub home: String,
    /// Where the sources are.
    pub sources: Vec<String>,
    /// The version of the chart.
    pub version: String,
    /// One sentence about it.
    pub description: String,
    /// Words to find it by.
    pub keywords: Vec<String>,
    /// Who maintains it.
    pub maintainers: Vec<Maintainer>,
    /// An icon's address.
    pub icon: String,
    /// `v1` or `v2`.
    pub api_version: String,
    /// A values path that enables the chart (Helm 2).
    pub condition: String,
    /// Tags that enable the chart (Helm 2).
    pub tags: String,
    /// The version of what the chart installs.
    pub app_version: String,
    /// Whether it should not be used any more.
    pub deprecated: bool,
    /// Free annotations.
    pub annotations: BTreeMap<String, String>,
    /// The range of Kubernetes versions that it works with.
    pub kube_version: String,
    /// The charts that it depends on.
    pub dependencies: Vec<Dependency>,
    /// Whether a list of dependencies is there, if only an empty one: Helm then looks through the
    /// charts below, too.
    pub(crate) has_dependencies: bool,
    /// `application`, `library` or empty.
    pub kind: String,
}

/// One person of `maintainers`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Maintainer {
    /// The name.
    pub name: String,
    /// The address for letters.
    pub email: String,
    /// The address of a page.
    pub url: String,
}

/// One entry of `dependencies`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Dependency {
    /// The name of the chart.
    pub name: String,
    /// The range of versions that will do.
    pub version: String,
    /// Where it comes from; `file://` is relative to the depending chart.
    pub repository: String,
    /// Values paths, separated by commas, of which the first that is a boolean decides.
    pub condition: String,
    /// Tags that enable or disable it together with others.
    pub tags: Vec<String>,
    /// Whether it takes part; computed from conditions and tags, not read.
    pub enabled: bool,
    /// Values of the dependency that become values of the depending chart.
    pub import_values: Vec<Json>,
    /// The name that it goes by in the depending chart.
    pub alias: String,
}

impl Dependency {
    /// Names it with its range and where it comes from.
    pub fn described(&self) -> String {
        match (self.version.as_str(), self.repository.as_str()) {
            (version, "") => format!("{} {version}", self.name),
            (version, repository) => format!("{} {version} from {repository}", self.name),
        }
    }
}

/// `Chart.lock`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lock {
    /// When it was written.
    pub generated: String,
    /// The digest of the dependencies that it was made for.
    pub digest: String,
    /// The dependencies with exact versions.
    pub dependencies: Vec<Dependency>,
}

/// Why metadata cannot be used, worded as Helm words it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// A field has the wrong type.
    #[error(
        "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {found} into Go {} of type {expected}",
        if field.is_empty() { "value".to_owned() } else { format!("struct field {field}") }
    )]
    Type {
        /// What stands there.
        found: &'static str,
        /// Go's name of the field, such as `Metadata.keywords`.
        field: String,
        /// Go's name of the type that the field has.
        expected: &'static str,
    },
    /// A time is none.
    #[error("error unmarshaling JSON: while decoding JSON: {0}")]
    Time(String),
    /// A field has a value that the chart cannot have.
    #[error("validation: {0}")]
    Invalid(String),
}

impl MetadataError {
    /// Returns the field that is wrong, as it is written in the file.
    pub(crate) fn field(&self) -> Option<String> {
        let field = match self {
            Self::Type { field, .. } => field.rsplit('.').next()?,
            Self::Time(_) => "generated",
            Self::Invalid(why) => {
                let rest = why.strip_prefix("chart.metadata.")?;
                rest.split(' ').next()?
            }
        };
        Some(field.to_owned())
    }
}

type Result<T> = std::result::Result<T, MetadataError>;

impl Metadata {
    /// Reads the fields of one document into this, over what is there.
    pub(crate) fn read(&mut self, document: &Json) -> Result<()> {
        let object = Object::new("Metadata", "loader.chartBase", document)?;
        object.text("name", &mut self.name)?;
        object.text("home", &mut self.home)?;
        object.texts("sources", &mut self.sources)?;
        object.text("version", &mut self.version)?;
        object.text("description", &mut self.description)?;
        object.texts("keywords", &mut self.keywords)?;
        object.text("icon", &mut self.icon)?;
        object.text("apiVersion", &mut self.api_version)?;
        object.text("condition", &mut self.condition)?;
        object.text("tags", &mut self.tags)?;
        object.text("appVersion", &mut self.app_version)?;
        object.flag("deprecated", &mut self.deprecated)?;
        object.text("kubeVersion", &mut self.kube_version)?;
        object.text("type", &mut self.kind)?;
        match object.get("annotations") {
            Some(Json::Object(entries)) => {
                for (key, value) in entries {
                    let text = object.convert("annotations", value)?;
                    self.annotations.insert(key.clone(), text);
                }
            }
            Some(Json::Null) => self.annotations.clear(),
            Some(other) => return Err(object.wrong("annotations", other, "map[string]string")),
            None => {}
        }
        if let Some(items) = object.list("maintainers", "[]*v2.Maintainer")? {
            self.maintainers = items.iter().map(Maintainer::read).collect::<Result<_>>()?;
        }
        if let Some(items) = object.list("dependencies", "[]*v2.Dependency")? {
            self.has_dependencies = object.get("dependencies").is_some_and(|it| !it.is_null());
            self.dependencies = items.iter().map(Dependency::read).collect::<Result<_>>()?;
        }
        Ok(())
    }

    /// Checks the fields and takes unprintable characters out of them, as Helm does on loading.
    pub(crate) fn validate(&mut self) -> Result<()> {
        for text in [
            &mut self.name,
            &mut self.description,
            &mut self.home,
            &mut self.icon,
            &mut self.condition,
            &mut self.tags,
            &mut self.app_version,
            &mut self.kube_version,
        ] {
            sanitize(text);
        }
        self.sources
            .iter_mut()
            .chain(&mut self.keywords)
            .for_each(sanitize);
        let invalid = |text: String| Err(MetadataError::Invalid(text));
        if self.api_version.is_empty() {
            return invalid("chart.metadata.apiVersion is required".to_owned());
        }
        if self.name.is_empty() {
            return invalid("chart.metadata.name is required".to_owned());
        }
        if self.name == "." || self.name == ".." {
            return invalid(format!(
                "chart.metadata.name {:?} is not allowed",
                self.name
            ));
        }
        if self.name.contains('/') {
            return invalid(format!("chart.metadata.name {:?} is invalid", self.name));
        }
        if self.version.is_empty() {
            return invalid("chart.metadata.version is required".to_owned());
        }
        if Version::parse(&self.version).is_err() {
            return invalid(format!(
                "chart.metadata.version {:?} is invalid",
                self.version
            ));
        }
        if !matches!(self.kind.as_str(), "" | "application" | "library") {
            return invalid("chart.metadata.type must be application or library".to_owned());
        }
        for maintainer in &mut self.maintainers {
            sanitize(&mut maintainer.name);
            sanitize(&mut maintainer.email);
            sanitize(&mut maintainer.url);
        }
        let mut names = std::collections::BTreeSet::new();
        for dependency in &mut self.dependencies {
            dependency.validate()?;
            let name = dependency.effective_name().to_owned();
            if names.contains(&name) {
                return invalid(format!(
                    "more than one dependency with name or alias {name:?}"
                ));
            }
            names.insert(name);
        }
        Ok(())
    }
}

impl Maintainer {
    fn read(document: &Json) -> Result<Self> {
        if document.is_null() {
            return Err(MetadataError::Invalid(
                "maintainers must not contain empty or null nodes".to_owned(),
            ));
        }
        let mut maintainer = Self::default();
        let object = Object::new("Metadata.maintainers", "v2.Maintainer", document)?;
        object.text("name", &mut maintainer.name)?;
        object.text("email", &mut maintainer.email)?;
        object.text("url", &mut maintainer.url)?;
        Ok(maintainer)
    }
}

impl Dependency {
    fn read(document: &Json) -> Result<Self> {
        if document.is_null() {
            return Err(MetadataError::Invalid(
                "dependencies must not contain empty or null nodes".to_owned(),
            ));
        }
        let mut dependency = Self::default();
        let object = Object::new("Dependency.dependencies", "v2.Dependency", document)?;
        object.text("name", &mut dependency.name)?;
        object.text("version", &mut dependency.version)?;
        object.text("repository", &mut dependency.repository)?;
        object.text("condition", &mut dependency.condition)?;
        object.texts("tags", &mut dependency.tags)?;
        object.flag("enabled", &mut dependency.enabled)?;
        object.text("alias", &mut dependency.alias)?;
        if let Some(items) = object.list("import-values", "[]interface {}")? {
            dependency.import_values = items.to_vec();
        }
        Ok(dependency)
    }

    fn validate(&mut self) -> Result<()> {
        for text in [
            &mut self.name,
            &mut self.version,
            &mut self.repository,
            &mut self.condition,
        ] {
            sanitize(text);
        }
        self.tags.iter_mut().for_each(sanitize);
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        if !self.alias.chars().all(allowed) {
            return Err(MetadataError::Invalid(format!(
                "dependency {:?} has disallowed characters in the alias",
                self.name
            )));
        }
        Ok(())
    }

    /// Returns the name that the depending chart's values use.
    pub fn effective_name(&self) -> &str {
        if self.alias.is_empty() {
            &self.name
        } else {
            &self.alias
        }
    }
}

impl Lock {
    /// Reads a lock file.
    pub(crate) fn read(document: &Json) -> Result<Self> {
        let mut lock = Self::default();
        let object = Object::new("Lock", "v2.Lock", document)?;
        object.time("generated", &mut lock.generated)?;
        object.text("digest", &mut lock.digest)?;
        if let Some(items) = object.list("dependencies", "[]*v2.Dependency")? {
            lock.dependencies = items.iter().map(Dependency::read).collect::<Result<_>>()?;
        }
        Ok(lock)
    }
}

/// One mapping, read field by field with the rules of Go's JSON decoder.
struct Object<'a> {
    name: &'static str,
    entries: Option<&'a serde_json::Map<String, Json>>,
}

impl<'a> Object<'a> {
    fn new(name: &'static str, kind: &'static str, document: &'a Json) -> Result<Self> {
        match document {
            Json::Object(entries) => Ok(Self {
                name,
                entries: Some(entries),
            }),
            Json::Null => Ok(Self {
                name,
                entries: None,
            }),
            other => Err(MetadataError::Type {
                found: json_type(other),
                field: if name.contains('.') { name } else { "" }.to_owned(),
                expected: kind,
            }),
        }
    }

    /// Returns the field; a name that differs only in case will do.
    fn get(&self, name: &str) -> Option<&'a Json> {
        let entries = self.entries?;
        entries.get(name).or_else(|| {
            entries
                .iter()
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
                .map(|(_, value)| value)
        })
    }

    fn wrong(&self, field: &str, found: &Json, expected: &'static str) -> MetadataError {
        let field = format!("{}.{field}", self.name);
        MetadataError::Type {
            found: json_type(found),
            field,
            expected,
        }
    }

    /// Numbers and booleans become text where text is expected.
    fn convert(&self, field: &str, value: &Json) -> Result<String> {
        match value {
            Json::String(text) => Ok(text.clone()),
            Json::Null => Ok(String::new()),
            Json::Bool(flag) => Ok(flag.to_string()),
            Json::Number(number) => Ok(number_text(number)),
            other => Err(self.wrong(field, other, "string")),
        }
    }

    fn text(&self, field: &str, target: &mut String) -> Result<()> {
        match self.get(field) {
            None | Some(Json::Null) => {}
            Some(value) => *target = self.convert(field, value)?,
        }
        Ok(())
    }

    /// Takes a time of RFC 3339, as Go's JSON reader demands.
    fn time(&self, field: &str, target: &mut String) -> Result<()> {
        match self.get(field) {
            None | Some(Json::Null) => Ok(()),
            Some(Json::String(text)) if is_time(text) => {
                target.clone_from(text);
                Ok(())
            }
            Some(Json::String(text)) => Err(MetadataError::Time(format!(
                "parsing time {text:?} as \"2006-01-02T15:04:05Z07:00\": cannot parse {text:?}"
            ))),
            Some(_) => Err(MetadataError::Time(
                "Time.UnmarshalJSON: input is not a JSON string".to_owned(),
            )),
        }
    }

    fn flag(&self, field: &str, target: &mut bool) -> Result<()> {
        match self.get(field) {
            None | Some(Json::Null) => Ok(()),
            Some(Json::Bool(flag)) => {
                *target = *flag;
                Ok(())
            }
            Some(other) => Err(self.wrong(field, other, "bool")),
        }
    }

    fn list(&self, field: &str, expected: &'static str) -> Result<Option<&'a [Json]>> {
        match self.get(field) {
            None => Ok(None),
            Some(Json::Null) => Ok(Some(&[])),
            Some(Json::Array(items)) => Ok(Some(items)),
            Some(other) => Err(self.wrong(field, other, expected)),
        }
    }

    fn texts(&self, field: &str, target: &mut Vec<String>) -> Result<()> {
        if let Some(items) = self.list(field, "[]string")? {
            *target = items
                .iter()
                .map(|item| self.convert(field, item))
                .collect::<Result<_>>()?;
        }
        Ok(())
    }
}

/// Tells whether the text is a time such as `2024-01-02T15:04:05.5+02:00`.
fn is_time(text: &str) -> bool {
    has_time_shape(text.as_bytes()) && text.parse::<jiff::Timestamp>().is_ok()
}

/// Tells whether digits and signs stand where they stand in a time; jiff admits more spellings.
fn has_time_shape(text: &[u8]) -> bool {
    let is = |text: &[u8], shape: &[u8]| {
        let fits = |(c, wanted): (&u8, &u8)| match wanted {
            b'0' => c.is_ascii_digit(),
            wanted => c == wanted,
        };
        text.len() == shape.len() && text.iter().zip(shape).all(fits)
    };
    let Some((head, mut rest)) = text.split_at_checked(b"0000-00-00T00:00:00".len()) else {
        return false;
    };
    if let [b'.' | b',', fraction @ ..] = rest {
        let digits = fraction.iter().take_while(|c| c.is_ascii_digit()).count();
        if digits == 0 {
            return false;
        }
        rest = &fraction[digits..];
    }
    is(head, b"0000-00-00T00:00:00") && (rest == b"Z" || is(rest, b"+00:00") || is(rest, b"-00:00"))
}

fn json_type(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "bool",
        Json::Number(_) => "number",
        Json::String(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
    }
}

/// Writes a number that stands where text is expected: floats with the digits of a 32-bit one.
fn number_text(number: &serde_json::Number) -> String {
    if let Some(integer) = number.as_i64() {
        return integer.to_string();
    }
    if let Some(integer) = number.as_u64() {
        return integer.to_string();
    }
    #[expect(clippy::cast_possible_truncation, reason = "Helm prints 32 bits here")]
    let narrow = number.as_f64().unwrap_or_default() as f32;
    crate::number::shortest(&format!("{narrow:e}"))
}

/// Makes white space blanks and drops what cannot be printed.
fn sanitize(text: &mut String) {
    if text.chars().all(|c| (' '..='~').contains(&c)) {
        return;
    }
    *text = text
        .chars()
        .filter_map(|c| match c {
            c if c.is_whitespace() => Some(' '),
            c if c.is_control() || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{feff}') => {
                None
            }
            c => Some(c),
        })
        .collect();
}
