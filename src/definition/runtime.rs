//! What happens while a platform runs, and no manifest says: takes the keys `operators`, `provides` and
//! `requires` of `firstlight.yaml`, gives rules or every problem with its place, never looks at a
//! manifest.

use crate::source::Source;

use super::document::{Located, Tree};
use super::field_path::FieldPath;
use super::name_template::NameTemplate;
use super::reader::{Reader, present};
use super::supplement::EVERY_KIND;

/// What happens at run time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Runtime {
    /// What operators make of objects, and what these need for it.
    pub operators: Vec<OperatorRule>,
    /// What services bring that no manifest shows.
    pub provides: Vec<ServiceRule>,
    /// What services need that no manifest shows.
    pub requires: Vec<ServiceRule>,
}

/// What an operator makes of the objects of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorRule {
    /// The API group, empty for the core group; absent where the rule holds for every object.
    pub api_group: Option<String>,
    /// The kinds, or [`EVERY_KIND`] alone.
    pub kinds: Vec<String>,
    /// Only objects with this annotation.
    pub annotation: Option<String>,
    /// What is made of it.
    pub makes: Vec<NamedObject>,
    /// What it needs.
    pub needs: Vec<NamedObject>,
    /// The service that runs the operator, where it is not the one that ships the kind.
    pub operator: Option<String>,
    /// Where the rule stands.
    pub source: Source,
}

/// Objects by the fields of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedObject {
    /// Where the fields are counted from; the object itself where absent.
    pub each: Option<FieldPath>,
    /// The API group.
    pub api_group: Option<NameTemplate>,
    /// The kind.
    pub kind: NameTemplate,
    /// The namespace, `*` for every one; the object's own where absent.
    pub namespace: Option<NameTemplate>,
    /// The name; absent where the kind itself is meant.
    pub name: Option<NameTemplate>,
}

/// What one service brings or needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceRule {
    /// The service.
    pub service: String,
    /// The environment that it holds for; all of them where none is named.
    pub environment: Option<String>,
    /// What.
    pub what: Thing,
    /// Where the rule stands.
    pub source: Source,
}

impl ServiceRule {
    /// Returns whether it holds for an environment.
    pub fn is_for(&self, environment: &str) -> bool {
        let named = self.environment.as_deref();
        named.is_none_or(|one| one == environment)
    }
}

/// Something that a service can bring or need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Thing {
    /// A kind, or every kind of a group.
    Kind {
        /// The API group.
        api_group: String,
        /// The kind, or [`EVERY_KIND`].
        kind: String,
    },
    /// An object.
    Object {
        /// The API group, empty for the core group.
        api_group: String,
        /// The kind.
        kind: String,
        /// The namespace; absent for kinds that have none.
        namespace: Option<String>,
        /// The name.
        name: String,
    },
    /// A host name.
    Address(String),
}

impl std::fmt::Display for Thing {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Kind { api_group, kind } if kind == EVERY_KIND => {
                write!(formatter, "the kinds of {api_group}")
            }
            Self::Kind { api_group, kind } => write!(formatter, "the kind {kind} in {api_group}"),
            Self::Object {
                kind,
                namespace: Some(namespace),
                name,
                ..
            } => write!(formatter, "{kind} {namespace}/{name}"),
            Self::Object { kind, name, .. } => write!(formatter, "{kind} {name}"),
            Self::Address(host) => write!(formatter, "the address {host}"),
        }
    }
}

const OPERATOR: &[&str] = &[
    "apiGroup",
    "kind",
    "annotation",
    "makes",
    "needs",
    "operator",
];
const NAMED: &[&str] = &["each", "apiGroup", "kind", "namespace", "name"];
const SERVICE_RULE: &[&str] = &[
    "service",
    "environment",
    "apiGroup",
    "kind",
    "namespace",
    "name",
    "address",
];

/// Reads the keys.
pub(super) fn runtime(reader: &mut Reader, tree: &Located) -> Runtime {
    let mut items = |key: &str| match present(tree.at(&[key])) {
        Some(value) => reader.items(value, key).to_vec(),
        None => Vec::new(),
    };
    let (operators, provides, requires) =
        (items("operators"), items("provides"), items("requires"));
    let mut check = Check { reader };
    Runtime {
        operators: operators.iter().map(|one| check.operator(one)).collect(),
        provides: provides
            .iter()
            .filter_map(|one| check.service(one))
            .collect(),
        requires: requires
            .iter()
            .filter_map(|one| check.service(one))
            .collect(),
    }
}

struct Check<'r> {
    reader: &'r mut Reader,
}

impl Check<'_> {
    fn operator(&mut self, rule: &Located) -> OperatorRule {
        self.reader.map(rule, "a rule for operators", OPERATOR);
        let annotation = self.reader.text(rule.at(&["annotation"]), "annotation");
        let kinds = match present(rule.at(&["kind"])) {
            Some(given) if matches!(given.tree, Tree::List(_)) => {
                let kinds = self.reader.texts(Some(given), "kind").into_iter();
                kinds.map(|(kind, _)| kind).collect()
            }
            given => self.reader.text(given, "kind").into_iter().collect(),
        };
        let api_group = self.reader.text(rule.at(&["apiGroup"]), "apiGroup");
        let kinds: Vec<String> = kinds;
        if kinds.is_empty() && annotation.is_none() && self.reader.problems.is_empty() {
            let help = "a rule is for a `kind`, for objects with an `annotation`, or for both";
            let label = "expected the key `kind` here";
            let message = "`kind` is missing";
            self.reader
                .problem(&rule.place, message, label, Some(help.to_owned()));
        }
        let is_for_all = kinds.is_empty() || (kinds == [EVERY_KIND] && api_group.is_none());
        OperatorRule {
            api_group: (!is_for_all).then(|| api_group.unwrap_or_default()),
            kinds,
            annotation,
            makes: self.named(rule, "makes"),
            needs: self.named(rule, "needs"),
            operator: self.reader.text(rule.at(&["operator"]), "operator"),
            source: rule.place.source(),
        }
    }

    fn named(&mut self, rule: &Located, key: &str) -> Vec<NamedObject> {
        let Some(value) = present(rule.at(&[key])) else {
            return Vec::new();
        };
        let items = self.reader.items(value, key).to_vec();
        items.iter().filter_map(|item| self.object(item)).collect()
    }

    fn object(&mut self, item: &Located) -> Option<NamedObject> {
        self.reader.map(item, "an object", NAMED);
        let each = self.reader.text(item.at(&["each"]), "each");
        let each = each.and_then(|text| {
            let path = FieldPath::parse(&text);
            self.parsed(item.at(&["each"])?, &text, path, "spec.parentRefs[*]")
        });
        let kind = self.template(item, "kind");
        if kind.is_none() && present(item.at(&["kind"])).is_none() {
            let label = "expected the key `kind` here";
            self.reader
                .problem(&item.place, "`kind` is missing", label, None);
        }
        Some(NamedObject {
            each,
            api_group: self.template(item, "apiGroup"),
            namespace: self.template(item, "namespace"),
            name: self.template(item, "name"),
            kind: kind?,
        })
    }

    fn template(&mut self, item: &Located, key: &str) -> Option<NameTemplate> {
        let given = present(item.at(&[key]))?;
        let text = self.reader.text(Some(given), key)?;
        let template = NameTemplate::parse(&text);
        self.parsed(given, &text, template, "{metadata.name}-app")
    }

    fn parsed<T>(
        &mut self,
        place: &Located,
        text: &str,
        parsed: Result<T, String>,
        example: &str,
    ) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(cause) => {
                let message = format!("`{text}` cannot be read");
                let help = Some(format!("write it as in `{example}`"));
                self.reader.problem(&place.place, message, cause, help);
                None
            }
        }
    }

    fn service(&mut self, rule: &Located) -> Option<ServiceRule> {
        self.reader.map(rule, "a rule for a service", SERVICE_RULE);
        let mut text = |key: &str| self.reader.text(rule.at(&[key]), key);
        let (service, environment) = (text("service"), text("environment"));
        let (api_group, kind) = (text("apiGroup"), text("kind"));
        let (namespace, name, address) = (text("namespace"), text("name"), text("address"));
        let missing = match (&service, &kind, &address) {
            (None, _, _) => Some("service"),
            (_, None, None) => Some("kind"),
            _ => None,
        };
        if let Some(key) = missing {
            let help = "it names a `service`, and either an `address` or a `kind`: with a `name` an \
                        object is meant, without one the kind itself";
            let label = format!("expected the key `{key}` here");
            let message = format!("`{key}` is missing");
            self.reader
                .problem(&rule.place, message, label, Some(help.to_owned()));
        }
        let what = match (address, kind, name) {
            (Some(host), _, _) => Thing::Address(host),
            (None, None, _) => return None,
            (None, Some(kind), Some(name)) => Thing::Object {
                api_group: api_group.unwrap_or_default(),
                kind,
                namespace,
                name,
            },
            (None, Some(kind), None) => Thing::Kind {
                api_group: api_group.unwrap_or_default(),
                kind,
            },
        };
        Some(ServiceRule {
            service: service?,
            environment,
            what,
            source: rule.place.source(),
        })
    }
}
