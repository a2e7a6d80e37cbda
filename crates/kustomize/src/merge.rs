//! Strategic merge: takes a manifest and a patch, gives the manifest with the patch merged in as
//! Kustomize merges, never looks at names or namespaces of resources.
//!
//! Some of what Kustomize does surprises, and is followed: items of a merged list that the patch
//! names move to the front, items with equal keys become one, `$patch: replace` within an item of
//! a list has no effect, and fields that were left blank disappear.

use crate::mergekeys::{is_built_in, merge_keys};
use crate::schema::Schema;
use crate::tree::{Map, Tree};

/// The key that says what becomes of a map or list.
const DIRECTIVE: &str = "$patch";

/// Where in a manifest a merge is.
#[derive(Clone)]
struct Context<'c> {
    api_version: &'c str,
    kind: &'c str,
    /// Names with dots between them, without trace of lists.
    path: String,
    /// The schemas that count in place of the built-in ones.
    schema: Option<&'c Schema>,
}

impl<'c> Context<'c> {
    /// Returns what tells the items of a list apart; none where the list is replaced.
    fn keys(&self) -> Option<Vec<&'c str>> {
        match self.schema {
            Some(schema) => schema.merge_keys(self.api_version, self.kind, &self.path),
            None => merge_keys(self.api_version, self.kind, &self.path)
                .map(|keys| keys.names().to_vec()),
        }
    }

    fn child(&self, key: &str) -> Self {
        let dot = if self.path.is_empty() { "" } else { "." };
        Self {
            path: format!("{}{dot}{key}", self.path),
            ..self.clone()
        }
    }
}

/// What a patch says about a map or list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Directive {
    Merge,
    Replace,
    Delete,
}

impl Directive {
    fn parse(value: &Tree) -> Result<Self, String> {
        match value.as_text() {
            Some("merge") => Ok(Self::Merge),
            Some("replace") => Ok(Self::Replace),
            Some("delete") => Ok(Self::Delete),
            _ => Err(format!("unknown patch strategy {:?}", value.spelling())),
        }
    }
}

/// Merges a patch into a manifest; none where the patch deletes it.
pub(crate) fn strategic_merge(
    tree: Tree,
    patch: &Tree,
    schema: Option<&Schema>,
) -> Result<Option<Tree>, String> {
    let text = |tree: &Tree, key: &str| tree.get(key).map(Tree::spelling).unwrap_or_default();
    let known = |api_version: &str, kind: &str| match schema {
        Some(schema) => schema.knows(api_version, kind),
        None => is_built_in(api_version, kind),
    };
    let mut api_version = text(&tree, "apiVersion");
    let mut kind = text(&tree, "kind");
    if !known(&api_version, &kind) {
        // Kustomize takes the first schema that it finds, be it that of the patch.
        api_version = text(patch, "apiVersion");
        kind = text(patch, "kind");
    }
    let context = Context {
        api_version: &api_version,
        kind: &kind,
        path: String::new(),
        schema,
    };
    merge(Some(tree), Some(patch.clone()), &context)
}

/// Merges two values that may be missing; a null in the result was kept on purpose.
fn merge(
    dest: Option<Tree>,
    patch: Option<Tree>,
    context: &Context<'_>,
) -> Result<Option<Tree>, String> {
    let first = [&dest, &patch]
        .into_iter()
        .flatten()
        .find(|tree| !tree.is_null());
    let mismatch = |expected: &str| {
        [&dest, &patch].into_iter().flatten().find(|tree| {
            !tree.is_null() && {
                let kind = if tree.is_scalar() {
                    "scalar"
                } else {
                    tree.kind_name()
                };
                kind != expected
            }
        })
    };
    let expected = match first {
        None => return merge_maps(dest, patch, context),
        Some(Tree::Map(_)) => "a map",
        Some(Tree::List(_)) => "a list",
        Some(_) => "scalar",
    };
    if let Some(other) = mismatch(expected) {
        let place = &context.path;
        return Err(format!(
            "{place}: {} cannot be merged with {expected}",
            other.kind_name()
        ));
    }
    match expected {
        "a map" => merge_maps(dest, patch, context),
        "a list" => match context.keys() {
            Some(keys) => merge_lists(dest, patch, &keys, context),
            None => Ok(patch.or(dest).filter(|list| !list.is_null())),
        },
        _ => Ok(patch.or(dest).filter(|value| !value.is_null())),
    }
}

fn is_missing(tree: Option<&Tree>) -> bool {
    tree.is_none_or(Tree::is_null)
}

/// Takes the directive out of a map.
fn take_directive(patch: &mut Option<Tree>) -> Result<Directive, String> {
    let map = patch.as_mut().and_then(Tree::as_map_mut);
    match map.filter(|map| map.get(DIRECTIVE).is_some_and(|value| !value.is_null())) {
        None => Ok(Directive::Merge),
        Some(map) => {
            let directive = Directive::parse(map.get(DIRECTIVE).unwrap_or(&Tree::Null))?;
            map.remove(DIRECTIVE);
            Ok(directive)
        }
    }
}

fn merge_maps(
    dest: Option<Tree>,
    mut patch: Option<Tree>,
    context: &Context<'_>,
) -> Result<Option<Tree>, String> {
    if is_missing(dest.as_ref()) {
        if take_directive(&mut patch).is_ok_and(|directive| directive == Directive::Delete) {
            return Ok(None);
        }
        return match patch {
            // A null that somebody wrote is kept, one that came about by leaving out is not.
            None => Ok(dest.filter(|dest| *dest == Tree::Null)),
            Some(Tree::Map(patch)) => settle_fields(patch, context).map(Some),
            Some(_) => Ok(None),
        };
    }
    if patch.as_ref().is_some_and(Tree::is_null) {
        return Ok(None);
    }
    let directive = take_directive(&mut patch)?;
    let mut patch = match patch {
        Some(Tree::Map(patch)) => patch,
        _ => Map::new(),
    };
    let base = match (directive, dest) {
        (Directive::Delete, _) => return Ok(None),
        (Directive::Merge, Some(Tree::Map(base))) => base,
        _ => return settle_fields(patch, context).map(Some),
    };
    let mut merged = Map::new();
    for (key, value) in base {
        let other = patch.remove(&key);
        if let Some(value) = merge(Some(value), other, &context.child(&key))? {
            merged.insert(key, value);
        }
    }
    for (key, value) in patch {
        if let Some(value) = merge(None, Some(value), &context.child(&key))? {
            merged.insert(key, value);
        }
    }
    Ok(Some(Tree::Map(merged)))
}

/// Carries out what a part of a patch says about itself, where there is nothing to merge it with.
fn settle(tree: Tree, context: &Context<'_>) -> Result<Option<Tree>, String> {
    match tree {
        Tree::Blank | Tree::Null => Ok(None),
        Tree::Map(_) => {
            let mut patch = Some(tree);
            match (take_directive(&mut patch)?, patch) {
                (Directive::Merge | Directive::Replace, Some(Tree::Map(map))) => {
                    settle_fields(map, context).map(Some)
                }
                _ => Ok(None),
            }
        }
        Tree::List(mut items) => {
            let Some(keys) = context.keys() else {
                return Ok(Some(Tree::List(items)));
            };
            if take_list_directive(&mut items)? == Directive::Delete {
                return Ok(None);
            }
            settle_list(items, &keys, context).map(Some)
        }
        scalar => Ok(Some(scalar)),
    }
}

fn settle_fields(map: Map, context: &Context<'_>) -> Result<Tree, String> {
    let mut settled = Map::new();
    for (key, value) in map {
        if let Some(value) = settle(value, &context.child(&key))? {
            settled.insert(key, value);
        }
    }
    Ok(Tree::Map(settled))
}

fn settle_list(mut items: Vec<Tree>, keys: &[&str], context: &Context<'_>) -> Result<Tree, String> {
    let keyed = Keyed::new(keys, items.iter());
    let mut settled = Vec::new();
    for value in &keyed.values {
        let at = keyed.find(&items, value);
        let item = at.map(|at| items[at].clone());
        let result = item.map_or(Ok(None), |item| settle(item, context))?;
        let values = keyed.used(value);
        let Some(mut result) = result.filter(|item| !is_empty_map(item)) else {
            // What was said about the item is gone even where the item stays for lack of a key.
            if let Some(map) = at.and_then(|at| items[at].as_map_mut()) {
                map.remove(DIRECTIVE);
            }
            set_element(&mut items, None, &keyed.used_names(), &values);
            continue;
        };
        keyed.complete(&mut result, value);
        if let Some(at) = at {
            items[at] = result.clone();
        }
        set_element(&mut settled, Some(&result), &keyed.used_names(), &values);
    }
    if !keyed.values.is_empty() {
        append(&mut settled, items, &keyed.used_names())?;
        return Ok(Tree::List(settled));
    }
    Ok(Tree::List(items))
}

/// Takes the directive of a whole list out of it: an item that holds nothing else.
fn take_list_directive(items: &mut Vec<Tree>) -> Result<Directive, String> {
    let Some(item) = items
        .iter()
        .find(|item| item.get(DIRECTIVE).is_some_and(|it| !it.is_null()))
    else {
        return Ok(Directive::Merge);
    };
    if item.as_map().is_some_and(|map| map.len() > 1) {
        return Ok(Directive::Merge);
    }
    let value = item.get(DIRECTIVE).cloned().unwrap_or(Tree::Null);
    let directive = Directive::parse(&value)?;
    set_element(items, None, &[DIRECTIVE], &[value.spelling()]);
    Ok(directive)
}

fn merge_lists(
    dest: Option<Tree>,
    patch: Option<Tree>,
    keys: &[&str],
    context: &Context<'_>,
) -> Result<Option<Tree>, String> {
    let items = |tree: Option<Tree>| match tree {
        Some(Tree::List(items)) => Some(items),
        _ => None,
    };
    if is_missing(dest.as_ref()) {
        let patch = items(patch).unwrap_or_default();
        return settle_list(patch, keys, context).map(Some);
    }
    if patch.as_ref().is_some_and(Tree::is_null) {
        return Ok(None);
    }
    let mut patch = items(patch).unwrap_or_default();
    match take_list_directive(&mut patch)? {
        Directive::Delete => Ok(None),
        Directive::Replace => settle_list(patch, keys, context).map(Some),
        Directive::Merge => {
            let dest = items(dest).unwrap_or_default();
            merge_items(dest, patch, keys, context).map(|merged| Some(Tree::List(merged)))
        }
    }
}

/// The values of the keys in one or two lists.
struct Keyed<'k> {
    keys: &'k [&'k str],
    /// Different values, in the order in which they came.
    values: Vec<Vec<String>>,
    /// The numbers of the keys that have a value somewhere.
    used: Vec<usize>,
}

impl<'k> Keyed<'k> {
    fn new<'i>(keys: &'k [&'k str], items: impl Iterator<Item = &'i Tree>) -> Self {
        let mut values: Vec<Vec<String>> = Vec::new();
        for item in items {
            let value: Vec<String> = keys.iter().map(|key| key_value(item, key)).collect();
            if !values.contains(&value) {
                values.push(value);
            }
        }
        if keys.len() > 1 {
            complete(&mut values);
        }
        let used = used_keys(&values, keys.len());
        Self { keys, values, used }
    }

    fn used_names(&self) -> Vec<&'k str> {
        self.used.iter().map(|at| self.keys[*at]).collect()
    }

    fn used(&self, value: &[String]) -> Vec<String> {
        self.used.iter().map(|at| value[*at].clone()).collect()
    }

    /// Returns the first item that has the values as far as there are some.
    fn find(&self, items: &[Tree], value: &[String]) -> Option<usize> {
        let own = used_keys(std::slice::from_ref(&value), self.keys.len());
        items.iter().position(|item| {
            own.iter().all(|at| {
                let (key, value) = (self.keys[*at], &value[*at]);
                if key.is_empty() {
                    return item.spelling() == *value;
                }
                item.get(key)
                    .is_some_and(|field| !field.is_null() && field.spelling() == *value)
            })
        })
    }

    /// Adds the keys that an item lacks.
    fn complete(&self, item: &mut Tree, value: &[String]) {
        let Tree::Map(map) = item else { return };
        for at in &self.used {
            let (key, value) = (self.keys[*at], &value[*at]);
            if !map.contains_key(key) && !value.is_empty() {
                let number = value
                    .parse::<i64>()
                    .map(|number| Tree::Number(number.into()));
                map.insert(key.to_owned(), number.unwrap_or_else(|_| Tree::text(value)));
            }
        }
    }
}

fn merge_items(
    mut dest: Vec<Tree>,
    mut patch: Vec<Tree>,
    keys: &[&str],
    context: &Context<'_>,
) -> Result<Vec<Tree>, String> {
    // Items of the patch come first.
    let keyed = Keyed::new(keys, patch.iter().chain(&dest));
    let names = keyed.used_names();
    let mut merged = Vec::new();
    for value in &keyed.values {
        let at_dest = keyed.find(&dest, value);
        let at_patch = keyed.find(&patch, value);
        let item = at_patch.map(|at| patch[at].clone());
        // What is said about an item is said once, even where its values come twice.
        if let Some(map) = at_patch.and_then(|at| patch[at].as_map_mut()) {
            map.remove(DIRECTIVE);
        }
        let directive = item.as_ref().and_then(|item| item.get(DIRECTIVE));
        let replaces = directive.is_some_and(|directive| directive.as_text() == Some("replace"));
        let result = merge(at_dest.map(|at| dest[at].clone()), item, context)?;
        let values = keyed.used(value);
        let Some(mut result) = result.filter(|item| !is_empty_map(item)) else {
            set_element(&mut dest, None, &names, &values);
            continue;
        };
        keyed.complete(&mut result, value);
        if let Some(at) = at_dest.filter(|_| !replaces && !result.is_scalar()) {
            dest[at] = result.clone();
        }
        set_element(&mut merged, Some(&result), &names, &values);
    }
    if keyed.values.is_empty() {
        return Ok(dest);
    }
    append(&mut merged, dest, &names)?;
    Ok(merged)
}

/// Returns the value of a key in an item; the item itself for the empty key.
fn key_value(item: &Tree, key: &str) -> String {
    if key.is_empty() {
        item.spelling()
    } else {
        item.get(key).map(Tree::spelling).unwrap_or_default()
    }
}

fn is_empty_map(tree: &Tree) -> bool {
    tree.as_map().is_some_and(Map::is_empty)
}

/// Fills in what is missing in one of two sets of values that otherwise agree.
fn complete(values: &mut [Vec<String>]) {
    for one in 0..values.len() {
        for other in 0..values.len() {
            let pairs = || values[one].iter().zip(&values[other]);
            let agree = pairs().all(|(a, b)| a == b || a.is_empty() || b.is_empty());
            if agree && pairs().any(|(a, b)| a == b) {
                let full: Vec<String> = pairs()
                    .map(|(a, b)| if a.is_empty() { b } else { a }.clone())
                    .collect();
                values[one].clone_from(&full);
                values[other] = full;
            }
        }
    }
}

/// Returns the numbers of the keys that have a value somewhere; all where none has.
fn used_keys<V: AsRef<[String]>>(values: &[V], count: usize) -> Vec<usize> {
    let used: Vec<usize> = (0..count)
        .filter(|at| values.iter().any(|value| !value.as_ref()[*at].is_empty()))
        .collect();
    if used.is_empty() {
        (0..count).collect()
    } else {
        used
    }
}

/// Returns true where a field is there and, unless the value is empty, has the value.
fn field_matches(item: &Tree, key: &str, value: &str) -> bool {
    if key.is_empty() {
        return item.is_scalar() && item.spelling() == value;
    }
    item.get(key)
        .is_some_and(|field| !field.is_null() && (value.is_empty() || field.spelling() == value))
}

/// Puts an element in place of those that have these values, or at the end; without an element
/// they are removed. Items that are null or empty maps are removed in any case.
fn set_element(items: &mut Vec<Tree>, element: Option<&Tree>, keys: &[&str], values: &[String]) {
    let for_maps = keys.first().is_some_and(|key| !key.is_empty())
        && values.first().is_some_and(|value| !value.is_empty());
    let mut found = false;
    let mut result = Vec::with_capacity(items.len() + 1);
    for item in items.drain(..) {
        if item.is_null() || is_empty_map(&item) {
            continue;
        }
        if for_maps && item.as_map().is_none() {
            result.push(item);
            continue;
        }
        let matches = !values.is_empty()
            && keys
                .iter()
                .zip(values)
                .all(|(key, value)| field_matches(&item, key, value));
        if !matches {
            if !values.is_empty() {
                result.push(item);
            }
            continue;
        }
        found = true;
        result.extend(element.cloned());
    }
    if !found {
        result.extend(element.filter(|element| !element.is_null()).cloned());
    }
    *items = result;
}

/// Puts the items of a list into another: in place of those with the same values, or at the end.
fn append(items: &mut Vec<Tree>, others: Vec<Tree>, keys: &[&str]) -> Result<(), String> {
    for other in others {
        if keys.first().is_some_and(|key| key.is_empty()) {
            let value = other.spelling();
            set_element(items, Some(&other), keys, &[value]);
            continue;
        }
        if other.as_map().is_none() {
            return Err(format!(
                "an item of a merged list must be a map, not {}",
                other.kind_name()
            ));
        }
        let mut values = Vec::new();
        for key in keys {
            match other.get(key).filter(|field| !field.is_null()) {
                Some(field) => values.push(field.spelling()),
                None => items.push(other.clone()),
            }
        }
        if keys.len() > 1 {
            set_element(items, None, keys, &values);
        }
        set_element(items, Some(&other), keys, &values);
    }
    Ok(())
}
