//! Fields by path with dots, as replacements and variables name them: takes a manifest and a path,
//! gives each value that the path leads to, never more.
//!
//! `a.b` goes into maps, `a.0` into a list, `a.[name=x]` to the items of a list whose field matches a
//! regular expression, `a.*` to all items, and `[a.b]` or `a\\.b` is a name with a dot.

use crate::pattern::Pattern;
use crate::tree::{Map, Tree};

/// What is made at the end of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Made {
    /// Nothing is made.
    Nothing,
    /// A scalar.
    Scalar,
    /// A map.
    Map,
    /// A list.
    List,
}

/// A value that a path leads to.
pub(crate) struct Found<'t> {
    /// The value.
    pub(crate) value: &'t mut Tree,
    /// It was made just now.
    pub(crate) made: bool,
}

/// Splits a path at its dots.
pub(crate) fn split(path: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut pieces: Vec<&str> = path.split('.').collect();
    if pieces.len() > 1 && pieces[0].is_empty() {
        pieces.remove(0);
    }
    for piece in pieces {
        match parts.last_mut().filter(|last| last.ends_with('\\')) {
            Some(last) => {
                last.pop();
                last.push('.');
                last.push_str(piece);
            }
            None => parts.push(piece.to_owned()),
        }
    }
    let mut result = Vec::new();
    let mut parts = parts.into_iter();
    while let Some(part) = parts.next() {
        if !part.starts_with('[') || part.ends_with(']') {
            result.push(part);
            continue;
        }
        let mut bracketed = part;
        for part in parts.by_ref() {
            bracketed.push('.');
            bracketed.push_str(&part);
            if part.ends_with(']') {
                break;
            }
        }
        if !bracketed.contains('=') {
            let inner = bracketed.trim_matches(['[', ']']).to_owned();
            bracketed = inner;
        }
        result.push(bracketed);
    }
    result
}

/// Returns the value at a path, none where there is none or null; an item of a list is chosen by
/// the very value of its field.
pub(crate) fn lookup<'t>(tree: &'t Tree, parts: &[String]) -> Result<Option<&'t Tree>, String> {
    let mut value = tree;
    for part in parts.iter().map(|part| part.trim()) {
        if part.is_empty() {
            continue;
        }
        let next = if part == "-" || part.parse::<i64>().is_ok() {
            let items = list_of(value)?;
            match part.parse::<usize>() {
                Ok(at) => items.get(at),
                Err(_) if part == "-" => items.last(),
                Err(_) => return Err(format!("the index {part} is negative")),
            }
        } else if part == "*" {
            return Err("* cannot stand for the field that has the value".to_owned());
        } else if let Some((field, text)) = selector(part)? {
            list_of(value)?.iter().find(|item| {
                if field.is_empty() {
                    item.spelled() == text
                } else {
                    item.get(field).is_some_and(|it| it.spelled() == text)
                }
            })
        } else {
            map_of(value)?.get(part)
        };
        match next.filter(|next| !next.is_null()) {
            None => return Ok(None),
            Some(next) => value = next,
        }
    }
    Ok(Some(value))
}

/// Calls `set` for each value that a path leads to, and returns how many there were.
pub(crate) fn visit(
    tree: &mut Tree,
    parts: &[String],
    made: Made,
    set: &mut dyn FnMut(Found<'_>) -> Result<(), String>,
) -> Result<usize, String> {
    Visitor { made, set }.visit(tree, parts, false)
}

struct Visitor<'v> {
    made: Made,
    set: &'v mut dyn FnMut(Found<'_>) -> Result<(), String>,
}

impl Visitor<'_> {
    fn visit(&mut self, tree: &mut Tree, parts: &[String], new: bool) -> Result<usize, String> {
        let Some((part, rest)) = parts.split_first() else {
            let found = Found {
                value: tree,
                made: new,
            };
            return (self.set)(found).map(|()| 1);
        };
        if part.parse::<i64>().is_ok_and(|index| index >= 0) {
            return self.visit_index(tree, part, rest);
        }
        if part == "*" {
            let mut count = 0;
            for item in list_of_mut(tree)? {
                count += self.visit(item, rest, false)?;
            }
            return Ok(count);
        }
        match selector(part)? {
            Some((field, pattern)) => self.visit_items(tree, field, pattern, rest),
            None => self.visit_field(tree, part, rest),
        }
    }

    fn visit_index(
        &mut self,
        tree: &mut Tree,
        part: &str,
        rest: &[String],
    ) -> Result<usize, String> {
        let at: usize = part
            .parse()
            .map_err(|_| format!("the index {part} is too large"))?;
        let empty = self.empty(rest);
        let items = list_of_mut(tree)?;
        let length = items.len();
        let new = at == length && self.made != Made::Nothing;
        if new {
            items.push(empty);
        }
        match items.get_mut(at) {
            Some(item) => self.visit(item, rest, new),
            None => Err(format!("there is no item {at}, only {length}")),
        }
    }

    fn visit_items(
        &mut self,
        tree: &mut Tree,
        field: &str,
        pattern: &str,
        rest: &[String],
    ) -> Result<usize, String> {
        let wanted = Pattern::anywhere(pattern)?;
        let items = list_of_mut(tree)?;
        let fits = |item: &Tree| {
            let value = if field.is_empty() {
                Some(item)
            } else {
                item.get(field)
            };
            value.is_some_and(|value| wanted.fits(value.spelled().trim()))
        };
        let mut count = 0;
        for item in items.iter_mut().filter(|item| fits(item)) {
            // An item that is chosen by itself is the end of the path, whatever follows.
            let rest = if field.is_empty() { &[] } else { rest };
            count += self.visit(item, rest, false)?;
        }
        if count > 0 || self.made == Made::Nothing {
            return Ok(count);
        }
        let value = resolve_plain(pattern);
        let item = if field.is_empty() {
            value
        } else {
            Tree::Map(Map::from([(field.to_owned(), value)]))
        };
        if !fits(&item) {
            return Err(format!(
                "{pattern} does not match itself, so no item is made of it"
            ));
        }
        items.push(item);
        match items.last_mut() {
            Some(item) if !field.is_empty() => self.visit(item, rest, false),
            Some(item) => self.visit(item, &[], true),
            None => Ok(0),
        }
    }

    fn visit_field(
        &mut self,
        tree: &mut Tree,
        part: &str,
        rest: &[String],
    ) -> Result<usize, String> {
        if tree.is_null() {
            return Ok(0);
        }
        let empty = self.empty(rest);
        let Tree::Map(map) = tree else {
            return Err(format!(
                "a map is expected at {part}, not {}",
                tree.kind_name()
            ));
        };
        let new = !map.contains_key(part);
        if new && self.made == Made::Nothing {
            return Ok(0);
        }
        let field = map.entry(part.to_owned()).or_insert(empty);
        if field.is_scalar() && !rest.is_empty() {
            return Ok(0);
        }
        self.visit(field, rest, new)
    }

    /// Returns what is made where `rest` goes on.
    fn empty(&self, rest: &[String]) -> Tree {
        match rest.first() {
            None => match self.made {
                Made::Map => Tree::Map(Map::new()),
                Made::List => Tree::List(Vec::new()),
                Made::Nothing | Made::Scalar => Tree::Blank,
            },
            Some(part)
                if (part.starts_with('[') && part.ends_with(']'))
                    || part.parse::<u64>().is_ok() =>
            {
                Tree::List(Vec::new())
            }
            Some(_) => Tree::Map(Map::new()),
        }
    }
}

/// Returns field and value of a part like `[name=x]`; none for any other part.
fn selector(part: &str) -> Result<Option<(&str, &str)>, String> {
    let Some(inner) = part.strip_prefix('[').and_then(|it| it.strip_suffix(']')) else {
        return Ok(None);
    };
    match inner.split_once('=') {
        Some(pair) => Ok(Some(pair)),
        None => Err(format!("{part}: [field=value] is expected")),
    }
}

fn list_of(tree: &Tree) -> Result<&[Tree], String> {
    let wrong = || format!("a list is expected, not {}", tree.kind_name());
    tree.as_list().ok_or_else(wrong)
}

fn list_of_mut(tree: &mut Tree) -> Result<&mut Vec<Tree>, String> {
    match tree {
        Tree::List(items) => Ok(items),
        other => Err(format!("a list is expected, not {}", other.kind_name())),
    }
}

fn map_of(tree: &Tree) -> Result<&Map, String> {
    let wrong = || format!("a map is expected, not {}", tree.kind_name());
    tree.as_map().ok_or_else(wrong)
}

/// Returns what a text is where it is written without quotes: a number, a truth value, or a text.
pub(crate) fn resolve_plain(text: &str) -> Tree {
    if text.is_empty() {
        return Tree::Null;
    }
    let plain = text.trim() == text
        && !text.contains(['\n', '#', '"', '\'', '&', '*', '!', '|', '>', '%', '@', '`']);
    if !plain {
        return Tree::text(text);
    }
    let read = goyaml::parse_stream_as(text, goyaml::Flavour::V3);
    let mut read = read.unwrap_or_default();
    match read.pop() {
        Some(node)
            if read.is_empty() && node.as_mapping().is_none() && node.as_sequence().is_none() =>
        {
            Tree::from_node(node, text)
        }
        _ => Tree::text(text),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_are_split_at_dots() {
        for (path, expected) in [
            ("a.b", vec!["a", "b"]),
            (".a.b", vec!["a", "b"]),
            ("a\\.b.c", vec!["a.b", "c"]),
            ("m.[a.b/c].d", vec!["m", "a.b/c", "d"]),
            ("c.[name=x.y].i", vec!["c", "[name=x.y]", "i"]),
            ("a.*.0", vec!["a", "*", "0"]),
        ] {
            assert_eq!(split(path), expected, "{path}");
        }
    }

    #[test]
    fn values_are_found_and_made() {
        let mut tree = Tree::from_json(&json!({"c": [{"name": "x", "v": 1}, {"name": "y"}]}));
        assert_eq!(
            lookup(&tree, &split("c.[name=x].v")).unwrap(),
            Some(&Tree::Number(1.into()))
        );
        assert_eq!(lookup(&tree, &split("c.7")).unwrap(), None);
        assert!(lookup(&tree, &split("c.v")).is_err());
        let mut set = |found: Found<'_>| {
            *found.value = Tree::text("new");
            Ok(())
        };
        let count = visit(&mut tree, &split("c.*.v"), Made::Nothing, &mut set).unwrap();
        assert_eq!(count, 1);
        let count = visit(&mut tree, &split("c.[name=z].v"), Made::Scalar, &mut set).unwrap();
        assert_eq!(count, 1);
        assert_eq!(
            tree.into_json(),
            json!({"c": [{"name": "x", "v": "new"}, {"name": "y"}, {"name": "z", "v": "new"}]})
        );
    }
}
