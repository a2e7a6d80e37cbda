//! What a validator objects to: takes a validator and values, gives violations in the shape and the
//! words of Helm's validator, never decides whether values are valid.
//!
//! Helm's validator reports a tree: `allOf`, `anyOf` and references have causes below them, and a
//! rule about the kind of a value ends the examination of that value. The flat list of ours is put
//! into that tree by the path of each rule.

use std::collections::BTreeMap;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{JsonType, ValidationError, Validator};
use serde_json::Value as Json;

use super::pointer::{escaped, parts};
use super::wording::{count, number, quote, quoted_list, type_of, value};
use super::{Violation, cycles, formats};
use crate::origin::Origins;

/// Holds values against a schema.
pub(super) fn violations(
    validator: &Validator,
    values: &Json,
    origins: &Origins<'_>,
) -> Vec<Violation> {
    if validator.is_valid(values) {
        return Vec::new();
    }
    let mut scope = Scope::default();
    for error in validator.iter_errors(values) {
        scope.insert(&error, &Base::default());
    }
    let Some(found) = scope.into_node(values) else {
        return Vec::new();
    };
    let mut out = Vec::new();
    let roots = if found.is_group {
        found.causes
    } else {
        vec![found]
    };
    for node in roots {
        node.flatten(0, values, origins, &mut out);
    }
    out
}

/// One entry of the report.
#[derive(Debug)]
struct Node {
    pointer: Vec<String>,
    message: String,
    causes: Vec<Node>,
    /// Whether it only holds other entries together.
    is_group: bool,
    /// The properties that are meant, where the pointer is that of the object.
    names: Vec<String>,
}

impl Node {
    fn leaf(pointer: &[String], message: String) -> Self {
        Self {
            pointer: pointer.to_vec(),
            message,
            causes: Vec::new(),
            is_group: false,
            names: Vec::new(),
        }
    }

    fn flatten(self, depth: usize, values: &Json, origins: &Origins<'_>, out: &mut Vec<Violation>) {
        let is_leaf = self.causes.is_empty();
        let pointer: String = self.pointer.iter().map(|part| escaped(part)).collect();
        let beside = values.pointer(&pointer).and_then(Json::as_object);
        let others = beside.into_iter().flat_map(|entries| entries.keys());
        let mut meant = self.pointer;
        meant.extend(self.names.first().cloned());
        out.push(Violation {
            depth,
            pointer,
            message: self.message,
            origin: is_leaf.then(|| origins.of(&meant)).flatten(),
            known: others
                .filter(|_| !self.names.is_empty())
                .filter(|name| !self.names.contains(name))
                .cloned()
                .collect(),
            unknown: self.names,
        });
        for cause in self.causes {
            cause.flatten(depth + 1, values, origins, out);
        }
    }
}

/// How a schema below a schema is come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// By a reference.
    Reference,
    /// By a keyword that applies it to a part of the value, or to the value as it stands.
    Applied,
    /// As one of `allOf`.
    AllOf,
    /// By a condition.
    Condition,
}

/// What the rules of one schema object to, for one value.
#[derive(Debug, Default)]
struct Scope {
    pointer: Vec<String>,
    leaves: Vec<(u8, Node)>,
    missing: Vec<String>,
    /// Properties that are required by the presence of another one.
    dependent: BTreeMap<(u8, String), Vec<String>>,
    /// Properties that nothing allows.
    additional: Vec<String>,
    /// The object none of whose properties is allowed.
    additional_of: Option<Vec<String>>,
    /// Alternatives that all failed.
    branches: Vec<(u8, Node, Vec<Scope>)>,
    /// Property names that are refused, each with the reasons.
    names: BTreeMap<String, Scope>,
    below: BTreeMap<(Way, Vec<String>), Scope>,
}

/// Where paths begin: those of causes repeat the path of what they are causes of.
#[derive(Debug, Default)]
struct Base {
    rule: usize,
    value: usize,
    pointer: Vec<String>,
}

impl Scope {
    fn insert(&mut self, error: &ValidationError<'_>, base: &Base) {
        let rule = parts(error.evaluation_path().as_str());
        let place = parts(error.instance_path().as_str());
        let (mut at, mut within) = (base.rule, base.value);
        let mut scope = self;
        while let Some((way, steps, deeper)) = step(&rule[at.min(rule.len())..]) {
            let mut key: Vec<String> = rule[at..at + steps].to_vec();
            let mut pointer = scope.pointer.clone();
            if deeper && let Some(part) = place.get(within) {
                key.push(part.clone());
                pointer.push(part.clone());
                within += 1;
            }
            at += steps;
            scope = scope.below.entry((way, key)).or_default();
            scope.pointer = pointer;
        }
        if scope.pointer.len() < base.pointer.len() {
            scope.pointer.clone_from(&base.pointer);
        }
        scope.add(error, rule.len(), &place, &rule[at.min(rule.len())..]);
    }

    fn add(
        &mut self,
        error: &ValidationError<'_>,
        rule: usize,
        place: &[String],
        keyword: &[String],
    ) {
        let base = |branch: usize| Base {
            rule: rule + branch,
            value: place.len(),
            pointer: place.to_vec(),
        };
        let keyword_name = keyword.first().map_or("", String::as_str);
        let rank = rank(keyword_name);
        match error.kind() {
            ValidationErrorKind::Required { property } => {
                let property = property.as_str().unwrap_or_default().to_owned();
                if keyword_name == "required" {
                    self.missing.push(property);
                } else {
                    let key = (rank, keyword_name.to_owned());
                    self.dependent.entry(key).or_default().push(property);
                }
                self.pointer = place.to_vec();
            }
            ValidationErrorKind::FalseSchema if keyword_name == "additionalProperties" => {
                // Told once, for all properties of the object.
                self.additional_of = Some(place.to_vec());
            }
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                self.additional.extend(unexpected.iter().cloned());
                self.pointer = place.to_vec();
            }
            ValidationErrorKind::AnyOf { context } => {
                self.alternatives(rank, place, "'anyOf' failed", context, &base(1));
            }
            ValidationErrorKind::OneOfNotValid { context } => {
                let message = "'oneOf' failed, none matched";
                self.alternatives(rank, place, message, context, &base(1));
            }
            ValidationErrorKind::UnevaluatedProperties { unexpected } => {
                for name in unexpected {
                    let mut place = place.to_vec();
                    place.push(name.clone());
                    let message = "false schema".to_owned();
                    self.leaves.push((rank, Node::leaf(&place, message)));
                }
            }
            ValidationErrorKind::PropertyNames { error: cause } => {
                let base = Base {
                    rule: rule - keyword.len() + 1,
                    ..Base::default()
                };
                let name = cause.instance().as_str().unwrap_or_default().to_owned();
                self.names.entry(name).or_default().insert(cause, &base);
                self.pointer = place.to_vec();
            }
            _ => self.leaves.push((rank, Node::leaf(place, message(error)))),
        }
    }

    fn alternatives(
        &mut self,
        rank: u8,
        place: &[String],
        message: &str,
        context: &[Vec<ValidationError<'static>>],
        base: &Base,
    ) {
        let node = Node::leaf(place, message.to_owned());
        let scopes = context.iter().map(|errors| {
            let mut scope = Scope {
                pointer: place.to_vec(),
                ..Scope::default()
            };
            for error in errors {
                scope.insert(error, base);
            }
            scope
        });
        self.branches.push((rank, node, scopes.collect()));
    }

    /// Puts everything together as Helm's validator does.
    fn into_node(mut self, values: &Json) -> Option<Node> {
        if !self.missing.is_empty() {
            let message = match self.missing.as_slice() {
                [one] => format!("missing property {}", quote(one)),
                several => format!("missing properties {}", quoted_list(several)),
            };
            let node = Node::leaf(&self.pointer, message);
            self.leaves.push((rank("required"), node));
        }
        for ((rank, keyword), missing) in std::mem::take(&mut self.dependent) {
            let (missing, keyword) = (quoted_list(&missing), quote(&keyword));
            let message = format!("properties {missing} required by {keyword}");
            self.leaves.push((rank, Node::leaf(&self.pointer, message)));
        }
        if let Some(place) = self.additional_of.take() {
            let pointer: String = place.iter().map(|part| escaped(part)).collect();
            let object = values.pointer(&pointer).and_then(Json::as_object);
            self.additional
                .extend(object.into_iter().flat_map(|object| object.keys().cloned()));
            self.pointer = place;
        }
        if !self.additional.is_empty() {
            self.additional.sort();
            let message = format!(
                "additional properties {} not allowed",
                quoted_list(&self.additional)
            );
            let mut node = Node::leaf(&self.pointer, message);
            node.names = std::mem::take(&mut self.additional);
            self.leaves.push((rank("additionalProperties"), node));
        }
        for (name, scope) in std::mem::take(&mut self.names) {
            let message = format!("invalid propertyName {}", quote(&name));
            let mut node = Node::leaf(&self.pointer, message);
            match scope.into_node(values) {
                Some(group) if group.is_group => node.causes = group.causes,
                cause => node.causes.extend(cause),
            }
            self.leaves.push((rank("propertyNames"), node));
        }
        for (rank, mut node, scopes) in std::mem::take(&mut self.branches) {
            let causes = scopes.into_iter().filter_map(|one| one.into_node(values));
            node.causes.extend(causes);
            self.leaves.push((rank, node));
        }
        self.leaves.sort_by_key(|(rank, _)| *rank);
        if let Some((rank, _)) = self.leaves.first()
            && *rank <= LAST_WORD
        {
            return self.leaves.into_iter().next().map(|(_, node)| node);
        }
        let mut all_of = Vec::new();
        let mut causes = Vec::new();
        for ((way, _), scope) in std::mem::take(&mut self.below) {
            let Some(node) = scope.into_node(values) else {
                continue;
            };
            match way {
                Way::AllOf => all_of.push(node),
                Way::Reference if node.is_group => causes.push((APPLIED, node.renamed())),
                _ => causes.push((APPLIED, node)),
            }
        }
        causes.extend(self.leaves);
        if !all_of.is_empty() {
            let mut node = Node::leaf(&self.pointer, "'allOf' failed".to_owned());
            node.causes = all_of;
            causes.push((rank("allOf"), node));
        }
        causes.sort_by_key(|(rank, _)| *rank);
        let mut causes: Vec<Node> = causes.into_iter().map(|(_, node)| node).collect();
        if causes.len() < 2 {
            return causes.pop();
        }
        Some(Node {
            pointer: self.pointer,
            message: "validation failed".to_owned(),
            causes,
            is_group: true,
            names: Vec::new(),
        })
    }
}

impl Node {
    /// A reference holds its causes together itself.
    fn renamed(mut self) -> Self {
        self.is_group = false;
        self
    }
}

/// Rules up to this rank end the examination of a value.
const LAST_WORD: u8 = 4;
/// The rank of schemas that are applied to parts of the value.
const APPLIED: u8 = 10;

/// The order in which Helm's validator looks at keywords.
fn rank(keyword: &str) -> u8 {
    match keyword {
        "" => 0,
        "type" => 1,
        "const" => 2,
        "enum" => 3,
        "format" => LAST_WORD,
        "minProperties" | "minItems" | "minLength" | "minimum" => 5,
        "maxProperties" | "maxItems" | "maxLength" | "maximum" => 6,
        "required" | "uniqueItems" | "pattern" => 7,
        "dependencies" => 8,
        "additionalProperties" | "additionalItems" | "contains" => 11,
        "propertyNames" => 12,
        "dependentSchemas" | "dependentRequired" => 13,
        "not" => 20,
        "allOf" => 21,
        "anyOf" => 22,
        "oneOf" => 23,
        "unevaluatedProperties" | "unevaluatedItems" => 30,
        _ => 9,
    }
}

/// Tells how the path of a rule goes on to another schema, in how many parts, and whether that one
/// is applied to a part of the value. `None` where the path ends in this schema.
fn step(rule: &[String]) -> Option<(Way, usize, bool)> {
    let keyword = rule.first()?.as_str();
    let (way, parts, deeper) = match keyword {
        "properties" | "patternProperties" | "prefixItems" => (Way::Applied, 2, true),
        "items" if rule.get(1).is_some_and(|next| is_index(next)) => (Way::Applied, 2, true),
        "items"
        | "additionalItems"
        | "additionalProperties"
        | "contains"
        | "unevaluatedItems"
        | "unevaluatedProperties" => (Way::Applied, 1, true),
        "allOf" => (Way::AllOf, 2, false),
        "$ref" | "$dynamicRef" | "$recursiveRef" => (Way::Reference, 1, false),
        "if" | "then" | "else" => (Way::Condition, 1, false),
        "dependentSchemas" | "dependencies" => (Way::Condition, 2, false),
        _ => return None,
    };
    // Something must follow: a path that ends with the keyword is a rule of the keyword itself.
    (rule.len() > parts).then_some((way, parts, deeper))
}

fn is_index(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Words one violation.
pub(super) fn message(error: &ValidationError<'_>) -> String {
    use ValidationErrorKind as Kind;
    let instance = error.instance();
    let length = match instance.as_ref() {
        Json::Array(items) => items.len(),
        Json::Object(entries) => entries.len(),
        Json::String(text) => text.chars().count(),
        _ => 0,
    };
    let sized = |keyword: &str, limit: u64| {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        format!("{keyword}: got {}, want {}", count(length), count(limit))
    };
    let bounded = |keyword: &str, limit: &Json| {
        let float = |value: &Json| number(value.as_f64().unwrap_or_default());
        format!("{keyword}: got {}, want {}", float(instance), float(limit))
    };
    let hidden = is_secret(error.instance_path().as_str());
    let shown = |text: &str| {
        if hidden {
            "'***'".to_owned()
        } else {
            quote(text)
        }
    };
    match error.kind() {
        Kind::Type { kind } => {
            format!(
                "got {}, want {}",
                type_of(instance),
                types(kind).join(" or ")
            )
        }
        Kind::Constant { expected_value } => match expected_value.as_ref() {
            Json::Array(_) | Json::Object(_) => "'const' failed".to_owned(),
            expected => format!("value must be {}", value(expected)),
        },
        Kind::Enum { options } => wanted(options),
        Kind::Format { format } => {
            let text = instance.as_str().unwrap_or_default();
            let why = formats::check(format, text).err().unwrap_or_default();
            let why = if hidden { "not shown" } else { &why };
            format!("{} is not valid {format}: {why}", shown(text))
        }
        Kind::Custom { keyword, message } if keyword == cycles::CYCLE => message.clone(),
        Kind::Pattern { pattern }
        | Kind::Custom {
            message: pattern, ..
        } => {
            let text = instance.as_str().unwrap_or_default();
            format!("{} does not match pattern {}", shown(text), quote(pattern))
        }
        Kind::MinLength { limit } => sized("minLength", *limit),
        Kind::MaxLength { limit } => sized("maxLength", *limit),
        Kind::MinItems { limit } => sized("minItems", *limit),
        Kind::MaxItems { limit } => sized("maxItems", *limit),
        Kind::MinProperties { limit } => sized("minProperties", *limit),
        Kind::MaxProperties { limit } => sized("maxProperties", *limit),
        Kind::Minimum { limit } => bounded("minimum", limit),
        Kind::Maximum { limit } => bounded("maximum", limit),
        Kind::ExclusiveMinimum { limit } => bounded("exclusiveMinimum", limit),
        Kind::ExclusiveMaximum { limit } => bounded("exclusiveMaximum", limit),
        Kind::MultipleOf { multiple_of } => {
            let got = number(instance.as_f64().unwrap_or_default());
            format!("multipleOf: got {got}, want {}", number(*multiple_of))
        }
        Kind::AdditionalItems { limit } => {
            let extra = length.saturating_sub(*limit);
            format!("last {} additionalItem(s) not allowed", count(extra))
        }
        Kind::UniqueItems => unique(instance),
        Kind::Contains => "no items match contains schema".to_owned(),
        Kind::FalseSchema => "false schema".to_owned(),
        Kind::Not { .. } => "'not' failed".to_owned(),
        Kind::OneOfMultipleValid { context } => {
            let matched: Vec<String> = context
                .iter()
                .enumerate()
                .filter(|(_, errors)| errors.is_empty())
                .map(|(index, _)| count(index))
                .take(2)
                .collect();
            format!("'oneOf' failed, subschemas {} matched", matched.join(", "))
        }
        Kind::AnyOf { .. } => "'anyOf' failed".to_owned(),
        Kind::OneOfNotValid { .. } => "'oneOf' failed, none matched".to_owned(),
        Kind::Required { property } => format!("missing property {}", value(property)),
        _ => error.masked().to_string(),
    }
}

/// Whether the path names something whose value is not to be shown.
fn is_secret(pointer: &str) -> bool {
    let pointer = pointer.to_ascii_lowercase();
    [
        "password",
        "passwd",
        "secret",
        "token",
        "credential",
        "privatekey",
        "apikey",
    ]
    .iter()
    .any(|word| pointer.contains(word))
}

fn types(kind: &TypeKind) -> Vec<&'static str> {
    let has = |wanted: JsonType| match kind {
        TypeKind::Single(one) => *one == wanted,
        TypeKind::Multiple(several) => several.contains(wanted),
    };
    [
        JsonType::Null,
        JsonType::Boolean,
        JsonType::Number,
        JsonType::Integer,
        JsonType::String,
        JsonType::Array,
        JsonType::Object,
    ]
    .into_iter()
    .filter(|one| has(*one))
    .map(JsonType::as_str)
    .collect()
}

fn wanted(options: &Json) -> String {
    let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
    if options.iter().any(|one| one.is_array() || one.is_object()) {
        return "'enum' failed".to_owned();
    }
    let texts: Vec<String> = options.iter().map(value).collect();
    match texts.as_slice() {
        [one] => format!("value must be {one}"),
        several => format!("value must be one of {}", several.join(", ")),
    }
}

fn unique(instance: &Json) -> String {
    let items = instance.as_array().map(Vec::as_slice).unwrap_or_default();
    for (later, item) in items.iter().enumerate() {
        if let Some(earlier) = items[..later].iter().position(|one| one == item) {
            return format!("items at {} and {} are equal", count(earlier), count(later));
        }
    }
    "items are equal".to_owned()
}
