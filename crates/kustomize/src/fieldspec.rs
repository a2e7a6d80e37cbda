//! Fields by path: takes a manifest and a path in Kustomize's form, gives each value that the path
//! leads to, never anything beside it.
//!
//! A path passes through lists without saying so: `spec/containers/image` is the image of every
//! container. `name[]` says that there must be a list, and `\/` is a slash in a name.

use std::ops::Deref;
use std::sync::LazyLock;

use crate::id::{Gvk, Selector, Text};
use crate::tree::{Map, Tree};

/// A field of some kinds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct FieldSpec {
    /// The kinds.
    pub(crate) of: Selector,
    /// The path.
    pub(crate) path: Text,
    /// It is made where it is not there.
    pub(crate) create: bool,
}

/// Fields: a table that is built in, or one that was read.
#[derive(Debug, Clone)]
pub(crate) enum Specs {
    /// A table that is there as it is.
    Fixed(&'static [FieldSpec]),
    /// A table that is made when it is asked for.
    Made(&'static LazyLock<Vec<FieldSpec>>),
    /// Any other.
    Own(Vec<FieldSpec>),
}

impl Specs {
    /// Returns the table to be changed.
    pub(crate) fn to_mut(&mut self) -> &mut Vec<FieldSpec> {
        if !matches!(self, Self::Own(_)) {
            *self = Self::Own(self.to_vec());
        }
        match self {
            Self::Own(specs) => specs,
            Self::Fixed(_) | Self::Made(_) => unreachable!("it was made its own"),
        }
    }
}

impl Default for Specs {
    fn default() -> Self {
        Self::Own(Vec::new())
    }
}

impl Deref for Specs {
    type Target = [FieldSpec];

    fn deref(&self) -> &[FieldSpec] {
        match self {
            Self::Fixed(specs) => specs,
            Self::Made(specs) => specs,
            Self::Own(specs) => specs,
        }
    }
}

impl From<Vec<FieldSpec>> for Specs {
    fn from(specs: Vec<FieldSpec>) -> Self {
        Self::Own(specs)
    }
}

impl PartialEq for Specs {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Specs {}

/// What stands at the end of a path that is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaf {
    /// Nothing is made at all.
    None,
    /// A scalar.
    Scalar,
    /// A map.
    Map,
}

/// Calls `set` on every value that a field leads to, where the manifest is of its kinds.
pub(crate) fn visit(
    tree: &mut Tree,
    gvk: &Gvk,
    spec: &FieldSpec,
    leaf: Leaf,
    set: &mut dyn FnMut(&mut Tree) -> Result<(), String>,
) -> Result<(), String> {
    if !gvk.is_selected(&spec.of) {
        return Ok(());
    }
    let path = split(&spec.path);
    let leaf = if spec.create { leaf } else { Leaf::None };
    walk(tree, &path, leaf, set).map_err(|message| format!("field {}: {message}", spec.path))
}

/// Splits a path at slashes that are not escaped.
pub(crate) fn split(path: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for part in path.strip_prefix('/').unwrap_or(path).split('/') {
        match parts.last_mut().filter(|last| last.ends_with('\\')) {
            Some(last) => {
                last.pop();
                last.push('/');
                last.push_str(part);
            }
            None => parts.push(part.to_owned()),
        }
    }
    parts
}

fn walk(
    tree: &mut Tree,
    path: &[String],
    leaf: Leaf,
    set: &mut dyn FnMut(&mut Tree) -> Result<(), String>,
) -> Result<(), String> {
    let Some((name, rest)) = path.split_first() else {
        return set(tree);
    };
    match tree {
        Tree::Blank | Tree::Null => Ok(()),
        Tree::List(items) => items
            .iter_mut()
            .try_for_each(|item| walk(item, path, leaf, set)),
        Tree::Map(map) => {
            let plain = name.strip_suffix("[]");
            let is_list = plain.is_some();
            let name = plain.unwrap_or(name);
            if leaf != Leaf::None && !is_list {
                let made = if rest.is_empty() && leaf == Leaf::Scalar {
                    Tree::text("")
                } else {
                    Tree::Map(Map::new())
                };
                let field = map.entry(name.to_owned()).or_insert(Tree::Null);
                if field.is_null() {
                    *field = made;
                }
                return walk(field, rest, leaf, set);
            }
            if name == "*" {
                return Err("* cannot stand for a name in a path with slashes".to_owned());
            }
            match map.get_mut(name) {
                Some(field) => {
                    if is_list && field.is_null() {
                        *field = Tree::List(Vec::new());
                    }
                    walk(field, rest, leaf, set)
                }
                None => Ok(()),
            }
        }
        other => Err(format!(
            "a list or a map is expected, not {}",
            other.kind_name()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_split_at_slashes() {
        assert_eq!(split("a/b"), ["a", "b"]);
        assert_eq!(
            split("metadata/annotations/x.io\\/y"),
            ["metadata", "annotations", "x.io/y"]
        );
    }

    #[test]
    fn paths_pass_through_lists_and_are_made_on_demand() {
        let mut tree = Tree::from_json(&serde_json::json!({"a": [{"b": "1"}, {"c": "2"}]}));
        let gvk = Gvk::default();
        let spec = FieldSpec {
            of: Selector::default(),
            path: "a/b".into(),
            create: true,
        };
        let mut set = |value: &mut Tree| {
            *value = Tree::text("x");
            Ok(())
        };
        visit(&mut tree, &gvk, &spec, Leaf::Scalar, &mut set).unwrap();
        assert_eq!(
            tree.into_json(),
            serde_json::json!({"a": [{"b": "x"}, {"b": "x", "c": "2"}]})
        );
    }
}
