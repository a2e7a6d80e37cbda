//! `secrets.yaml` and `secrets-ENV.yaml`: takes the files, gives for each key where its value comes
//! from with the places of all names, or every problem; never a value.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::definition::{Field, Located, SourceFile, Tree};
use crate::problem::Problem;
use crate::source::Source;
use crate::suggest::nearest;

/// What a service needs in Vault: its keys.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Specification {
    /// The keys, by name.
    pub keys: BTreeMap<String, KeySpecification>,
}

/// A path of keys in a service's values that must be true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The path, such as `config.database.enabled`.
    pub path: String,
    /// Where it stands.
    pub source: Source,
}

/// A key of a service's secret that another takes its value from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// The service.
    pub service: String,
    /// The key.
    pub key: String,
    /// Under which condition.
    pub condition: Option<Condition>,
    /// Where it stands.
    pub source: Source,
}

/// How a value is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generate {
    /// The kind of value.
    pub kind: String,
    /// The key of the same service that it is made from.
    pub from: Option<String>,
    /// Under which condition.
    pub condition: Option<Condition>,
    /// Where it stands.
    pub source: Source,
}

/// Where the value of one key comes from; from a person where nothing is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySpecification {
    /// Under which condition there is such a key.
    pub condition: Option<Condition>,
    /// From which other key it is copied.
    pub copy: Option<Copy>,
    /// How it is made.
    pub generate: Option<Generate>,
    /// Whether the value stands in the specification.
    pub has_value: bool,
    /// Where it stands.
    pub source: Source,
}

/// Kinds of values that are made from nothing.
const FROM_NOTHING: &[&str] = &[
    "password",
    "gafaelfawr-token",
    "fernet-key",
    "rsa-private-key",
    "oidc-clients",
];
/// Kinds of values that are made from another key.
const FROM_ANOTHER: &[&str] = &["bcrypt-password-hash", "htpasswd", "mtime"];

const KEY: &[&str] = &[
    "copy",
    "description",
    "generate",
    "if",
    "onepassword",
    "value",
    "warning",
];
const COPY: &[&str] = &["application", "if", "key", "service"];
const GENERATE: &[&str] = &["if", "source", "type"];
const ONEPASSWORD: &[&str] = &["encoded"];

/// Reads a file; all problems in one go.
pub fn read(file: &Arc<SourceFile>) -> Result<Specification, Vec<Problem>> {
    let tree = Located::read(file).map_err(|problem| vec![problem.hiding_values()])?;
    let mut reader = Reader::default();
    let mut keys = BTreeMap::new();
    for field in reader.map(&tree, "secrets", None) {
        let key = reader.key(field);
        keys.insert(field.key.clone(), key);
    }
    if reader.problems.is_empty() {
        Ok(Specification { keys })
    } else {
        Err(reader.problems)
    }
}

impl Specification {
    /// Puts another specification over this one, key by key.
    pub fn overridden_by(&mut self, other: Self) {
        self.keys.extend(other.keys);
    }
}

#[derive(Debug, Default)]
struct Reader {
    problems: Vec<Problem>,
}

impl Reader {
    fn problem(&mut self, source: Source, message: String, label: &str) {
        // The fixed value of a key may stand in the same line.
        let problem = Problem::new(message).label(label).at(source);
        self.problems.push(problem.hiding_values());
    }

    /// Returns the fields of a map, and reports those that are not known.
    fn map<'t>(&mut self, value: &'t Located, what: &str, known: Option<&[&str]>) -> &'t [Field] {
        let fields: &[Field] = match &value.tree {
            Tree::Map(fields) => fields,
            Tree::Null => &[],
            _ => {
                let message = format!("{what} must be a map, but is {}", value.kind_name());
                self.problem(value.place.source(), message, "expected a map");
                &[]
            }
        };
        for field in fields {
            let Some(known) = known.filter(|known| !known.contains(&field.key.as_str())) else {
                continue;
            };
            let label = match nearest(&field.key, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known here: {}", known.join(", ")),
            };
            let message = format!("unknown key `{}` in {what}", field.key);
            self.problem(field.key_place.source(), message, &label);
        }
        fields
    }

    /// Returns the text of a key.
    fn text(&mut self, holder: &Located, key: &str) -> Option<(String, Source)> {
        let value = holder.at(&[key]).filter(|value| value.tree != Tree::Null)?;
        match &value.tree {
            Tree::Text(text) if !text.is_empty() => Some((text.clone(), value.place.source())),
            _ => {
                let message = format!("`{key}` must be a text");
                self.problem(value.place.source(), message, "expected a text");
                None
            }
        }
    }

    fn required(&mut self, holder: &Located, key: &str, what: &str) -> Option<(String, Source)> {
        if holder
            .at(&[key])
            .is_none_or(|value| value.tree == Tree::Null)
        {
            let message = format!("{what} has no `{key}`");
            let label = format!("expected the key `{key}` here");
            self.problem(holder.place.source(), message, &label);
        }
        self.text(holder, key)
    }

    fn condition(&mut self, holder: &Located) -> Option<Condition> {
        let (path, source) = self.text(holder, "if")?;
        Some(Condition { path, source })
    }

    fn key(&mut self, field: &Field) -> KeySpecification {
        let value = &field.value;
        let what = format!("the secret `{}`", field.key);
        self.map(value, &what, Some(KEY));
        let present = |key: &str| value.at(&[key]).filter(|value| value.tree != Tree::Null);
        if let Some(onepassword) = present("onepassword") {
            self.map(onepassword, "`onepassword`", Some(ONEPASSWORD));
        }
        let copy = present("copy").and_then(|copy| self.copy(copy));
        let generate = present("generate").and_then(|generate| self.generate(generate));
        let has_value = present("value").is_some();
        let source = field.key_place.source();
        let always_copied = copy.as_ref().is_some_and(|copy| copy.condition.is_none());
        let always_made = generate.as_ref().is_some_and(|one| one.condition.is_none());
        if always_copied && always_made {
            let message = format!("{what} is both copied and generated, whatever the values are");
            self.problem(source.clone(), message, "drop one, or give it an `if`");
        } else if has_value && (always_copied || always_made) {
            let message = format!("{what} has a value, and is copied or generated besides");
            self.problem(source.clone(), message, "drop one of them");
        }
        KeySpecification {
            condition: self.condition(value),
            copy,
            generate,
            has_value,
            source,
        }
    }

    fn copy(&mut self, value: &Located) -> Option<Copy> {
        self.map(value, "`copy`", Some(COPY));
        let service = match self.text(value, "application") {
            Some(service) => Some(service),
            None => self.required(value, "service", "this copy"),
        };
        let key = self.required(value, "key", "this copy");
        let condition = self.condition(value);
        Some(Copy {
            service: service?.0,
            key: key?.0,
            condition,
            source: value.place.source(),
        })
    }

    fn generate(&mut self, value: &Located) -> Option<Generate> {
        self.map(value, "`generate`", Some(GENERATE));
        let (kind, source) = self.required(value, "type", "this generator")?;
        let from = self.text(value, "source");
        let all = FROM_NOTHING.iter().chain(FROM_ANOTHER).copied();
        if !all.clone().any(|known| known == kind) {
            let label = match nearest(&kind, all.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known here: {}", all.collect::<Vec<_>>().join(", ")),
            };
            self.problem(source.clone(), format!("unknown type `{kind}`"), &label);
        } else if FROM_ANOTHER.contains(&kind.as_str()) != from.is_some() {
            let (message, label) = if from.is_some() {
                (format!("`{kind}` is made from nothing"), "drop `source`")
            } else {
                (
                    format!("`{kind}` is made from another key"),
                    "expected the key `source`",
                )
            };
            self.problem(source.clone(), message, label);
        }
        Some(Generate {
            kind,
            from: from.map(|(from, _)| from),
            condition: self.condition(value),
            source,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let file = Arc::new(SourceFile {
            path: "secrets.yaml".to_owned(),
            text: text.to_owned(),
        });
        let problems = read(&file).err().unwrap_or_default();
        let told = |problem: &Problem| {
            let place = problem.source.as_ref().map(ToString::to_string);
            let label = problem.label.as_deref().unwrap_or_default();
            format!("{} {}: {label}", place.unwrap_or_default(), problem.message)
        };
        problems.iter().map(told).collect()
    }

    #[test]
    fn a_good_specification_is_read() {
        let text = "a:\n  description: x\n  if: config.a\n  generate: {type: password}\n\
                    b:\n  description: y\n  copy: {application: other, key: c, if: d}\n\
                    c: {description: z, value: fixed}\n\
                    d: {description: h, generate: {type: bcrypt-password-hash, source: a}}\n";
        assert_eq!(told(text), Vec::<String>::new());
    }

    #[test]
    fn all_mistakes_are_told_with_their_places() {
        let text = "a: {generate: {type: pasword}}\n\
                    b: {genrate: {type: password}}\n\
                    c: {copy: {service: x, key: z}, generate: {type: password}}\n\
                    d: {generate: {type: mtime}}\n\
                    e: {copy: {key: z}}\n\
                    f: text\n\
                    g: {value: hidden, generate: {type: password}}\n";
        assert_eq!(
            told(text),
            [
                "secrets.yaml:1:22 unknown type `pasword`: did you mean `password`?",
                "secrets.yaml:2:5 unknown key `genrate` in the secret `b`: did you mean `generate`?",
                "secrets.yaml:3:1 the secret `c` is both copied and generated, whatever the values \
                 are: drop one, or give it an `if`",
                "secrets.yaml:4:22 `mtime` is made from another key: expected the key `source`",
                "secrets.yaml:5:11 this copy has no `service`: expected the key `service` here",
                "secrets.yaml:6:4 the secret `f` must be a map, but is a text: expected a map",
                "secrets.yaml:7:1 the secret `g` has a value, and is copied or generated besides: \
                 drop one of them",
            ]
        );
    }
}
