//! Replacements: takes resources, gives them with values copied from one field to others, never
//! takes a value from anywhere else.

use crate::definition::{FieldOptions, Replacement, Source, TargetFields};
use crate::error::Error;
use crate::hash::{go_json, go_json_pretty};
use crate::id::Id;
use crate::path::{self, Found, Made, resolve_plain};
use crate::resource::Resource;
use crate::select::Matcher;
use crate::set::ResourceSet;
use crate::tree::Tree;

/// How much replacements may copy in a build, in values.
const MAX_COPIED: usize = 1_000_000;

/// The value that is copied.
struct Value {
    tree: Tree,
    /// It was given as a text, which may be a number where nothing says otherwise.
    given: bool,
    /// The resource and the path that it is read from: what is written there counts from then on.
    origin: Option<(usize, Vec<String>)>,
}

impl Value {
    fn to_tree(&self) -> Tree {
        if self.given {
            resolve_plain(&self.tree.spelling())
        } else {
            self.tree.clone()
        }
    }
}

/// Carries out one replacement.
pub(crate) fn replace(set: &mut ResourceSet, replacement: &Replacement) -> Result<(), Error> {
    replace_in(set, replacement).map_err(|message| Error::failed(&replacement.place, message))
}

fn replace_in(set: &mut ResourceSet, replacement: &Replacement) -> Result<(), String> {
    let Some(targets) = &replacement.targets else {
        return Err("a replacement needs a source and at least one target".to_owned());
    };
    let mut value = match (&replacement.source, &replacement.value) {
        (Some(_), Some(_)) => {
            return Err("a replacement has a source or a sourceValue, not both".to_owned());
        }
        (None, None) => {
            return Err("a replacement needs a source and at least one target".to_owned());
        }
        (None, Some(text)) => Value {
            tree: Tree::text(text),
            given: true,
            origin: None,
        },
        (Some(source), None) => value_of(set, source)?,
    };
    targets
        .iter()
        .try_for_each(|target| write(set, &mut value, target))
}

/// Returns the value that is copied.
fn value_of(set: &ResourceSet, source: &Source) -> Result<Value, String> {
    let wanted = &source.resource;
    let id = Id {
        gvk: crate::id::Gvk {
            group: wanted.group.clone(),
            version: wanted.version.clone(),
            kind: wanted.kind.clone(),
        },
        name: wanted.name.clone(),
        namespace: wanted.namespace.clone(),
    };
    let selector = crate::id::Selector {
        group: wanted.group.clone().into(),
        version: wanted.version.clone().into(),
        kind: wanted.kind.clone().into(),
    };
    let fits = |other: &Id| {
        (id.name.is_empty() || id.name == other.name)
            && (id.namespace.is_empty() || id.effective_namespace() == other.effective_namespace())
            && other.gvk.is_selected(&selector)
    };
    let mut found = set
        .items
        .iter()
        .enumerate()
        .filter(|(_, resource)| resource.any_id(fits));
    let Some((at, resource)) = found.next() else {
        return Err(format!("the source {id} is no resource here"));
    };
    if let Some((_, other)) = found.next() {
        return Err(format!(
            "the source {id} is ambiguous: it may be {} or {}",
            resource.id(),
            other.id()
        ));
    }
    let parts = path::split(&source.path);
    let value = path::lookup(&resource.tree, &parts)
        .map_err(|message| format!("{}: {}: {message}", resource.id(), source.path))?;
    let empty = |value: &&Tree| match value {
        Tree::Map(map) => map.is_empty(),
        Tree::List(items) => items.is_empty(),
        value => value.is_null(),
    };
    let Some(value) = value.filter(|value| !empty(value)) else {
        return Err(format!("{} has no {}", resource.id(), source.path));
    };
    if source.options.delimiter.is_empty() {
        return Ok(Value {
            tree: value.clone(),
            given: false,
            origin: Some((at, parts)),
        });
    }
    if !value.is_scalar() {
        return Err(format!("{}: only a scalar has parts", source.path));
    }
    let text = value.spelling();
    let part = usize::try_from(source.options.index)
        .ok()
        .and_then(|at| text.split(&source.options.delimiter).nth(at));
    let Some(part) = part else {
        let index = source.options.index;
        return Err(format!("{} has no part {index}", source.path));
    };
    // A part is written as the kind of scalar that the whole was.
    let tree = match value.unspelt() {
        Tree::Text(_) | Tree::Folded(_) => Tree::text(part),
        _ => resolve_plain(part),
    };
    Ok(Value {
        tree,
        given: false,
        origin: None,
    })
}

/// Writes the value to the fields of one target.
fn write(set: &mut ResourceSet, value: &mut Value, target: &TargetFields) -> Result<(), String> {
    let select = target
        .select
        .as_ref()
        .ok_or("a target of a replacement needs a select")?;
    let matcher = Matcher::new(select)?;
    let reject: Vec<Matcher> = target
        .reject
        .iter()
        .map(Matcher::new)
        .collect::<Result<_, _>>()?;
    for (at, resource) in set.items.iter_mut().enumerate() {
        let ids: Vec<Id> = std::iter::once(resource.id())
            .chain(resource.previous_ids())
            .collect();
        let rejected = reject.iter().any(|reject| {
            (reject.has_selectors() && reject.selectors_hold(resource))
                || (reject.has_identity() && ids.iter().any(|id| reject.fits_id(id)))
        });
        let selected = matcher.selectors_hold(resource) && ids.iter().any(|id| matcher.fits_id(id));
        if !selected || rejected {
            continue;
        }
        for path in &target.paths {
            // Each copy may hold the earlier ones.
            set.copied += value.tree.weight();
            if set.copied > MAX_COPIED {
                return Err("replacements copy more and more without end".to_owned());
            }
            write_path(resource, value, path, &target.options)
                .map_err(|message| format!("{}: {path}: {message}", resource.id()))?;
            if let Some((origin, parts)) = &value.origin
                && *origin == at
                && let Ok(Some(now)) = path::lookup(&resource.tree, parts)
            {
                value.tree = now.clone();
            }
        }
    }
    Ok(())
}

fn write_path(
    resource: &mut Resource,
    value: &Value,
    path: &str,
    options: &FieldOptions,
) -> Result<(), String> {
    let parts = path::split(path);
    let made = match (options.create, &value.tree) {
        (false, _) => Made::Nothing,
        (true, Tree::Map(_)) => Made::Map,
        (true, Tree::List(_)) => Made::List,
        (true, _) => Made::Scalar,
    };
    if write_within_text(resource, &parts, made, value, options)? {
        return Ok(());
    }
    let mut set = |found: Found<'_>| match set_value(found, value, options)? {
        Fit::Good => Ok(()),
        Fit::Bad(message) => Err(message),
    };
    match path::visit(&mut resource.tree, &parts, made, &mut set)? {
        0 => Err(if options.create {
            "there is no such field, and none can be made".to_owned()
        } else {
            "there is no such field (options: {create: true} makes it)".to_owned()
        }),
        _ => Ok(()),
    }
}

/// Writes to a field of the JSON that a text contains; false where the path leads through no text.
fn write_within_text(
    resource: &mut Resource,
    parts: &[String],
    made: Made,
    value: &Value,
    options: &FieldOptions,
) -> Result<bool, String> {
    for length in 1..parts.len() {
        let (front, rest) = parts.split_at(length);
        let Ok(Some(scalar)) = path::lookup(&resource.tree, front) else {
            continue;
        };
        if !scalar.is_scalar() {
            continue;
        }
        let text = scalar.spelling();
        let Ok(node) = goyaml::parse(&text) else {
            return Ok(false);
        };
        let mut inner = Tree::from_node(node, &text);
        let mut fits = true;
        let mut set = |found: Found<'_>| {
            fits &= matches!(set_value(found, value, options)?, Fit::Good);
            Ok(())
        };
        if path::visit(&mut inner, rest, made, &mut set)? == 0 {
            return Ok(false);
        }
        if !fits {
            // Kustomize fails to write the text, goes on with a copy of it, and forgets that.
            return Ok(true);
        }
        if !text.trim_start().starts_with(['{', '[']) {
            return Err("a field within YAML in a text cannot be replaced here; \
                        keep it as JSON, or replace the whole text"
                .to_owned());
        }
        let json = inner.into_json();
        let written = if text.contains('\n') && text.contains("  ") {
            go_json_pretty(&json)
        } else {
            go_json(&json)
        };
        let mut put = |found: Found<'_>| {
            *found.value = Tree::text(&written);
            Ok(())
        };
        path::visit(&mut resource.tree, front, Made::Nothing, &mut put)?;
        return Ok(true);
    }
    Ok(false)
}

/// Whether a value fits where it was put.
enum Fit {
    Good,
    /// It does not, and this is why; the field is what it was.
    Bad(String),
}

/// Puts the value, or a part of it, into a field.
fn set_value(found: Found<'_>, value: &Value, options: &FieldOptions) -> Result<Fit, String> {
    let Found { value: field, made } = found;
    if !field.is_scalar() {
        if !options.delimiter.is_empty() {
            return Err("only a scalar has parts".to_owned());
        }
        *field = value.to_tree();
        return Ok(Fit::Good);
    }
    let mut text = value.tree.spelling();
    if !options.delimiter.is_empty() {
        let old = field.spelling();
        let mut parts: Vec<&str> = old.split(&options.delimiter).collect();
        match usize::try_from(options.index) {
            Err(_) => parts.insert(0, &text),
            Ok(at) if at >= parts.len() => parts.push(&text),
            Ok(at) => parts[at] = &text,
        }
        text = parts.join(&options.delimiter);
    }
    if made {
        *field = resolve_plain(&text);
        return Ok(Fit::Good);
    }
    // A field stays the kind of scalar that it was.
    let new = match field {
        Tree::Text(_) | Tree::Folded(_) => Tree::Text(text),
        _ => resolve_plain(&text),
    };
    let is_float = |tree: &Tree| matches!(tree.unspelt(), Tree::Number(number) if number.is_f64());
    let same = match (field.unspelt(), new.unspelt()) {
        (Tree::Number(_), Tree::Number(_)) => is_float(field) || !is_float(&new),
        (Tree::Bool(_), Tree::Bool(_)) | (Tree::Text(_) | Tree::Folded(_), _) => true,
        _ => false,
    };
    if !same {
        return Ok(Fit::Bad(format!(
            "{} cannot stand where {} is",
            new.kind_name(),
            field.kind_name()
        )));
    }
    *field = new;
    Ok(Fit::Good)
}
