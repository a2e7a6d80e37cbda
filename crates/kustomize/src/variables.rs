//! Variables, the older form of replacements: takes resources and `vars`, gives texts with the
//! values in place of `$(NAME)`, never replaces what no variable is named after.

use std::collections::BTreeMap;

use crate::definition::{Placed, Variable};
use crate::error::Error;
use crate::fieldspec::{FieldSpec, Leaf, visit};
use crate::id::Id;
use crate::path;
use crate::set::ResourceSet;
use crate::tree::Tree;

/// Variables by name.
pub(crate) type Variables = BTreeMap<String, Placed<Variable>>;

/// Adds variables, whose names must be new.
pub(crate) fn add(
    variables: &mut Variables,
    more: impl IntoIterator<Item = Placed<Variable>>,
) -> Result<(), Error> {
    for variable in more {
        let name = variable.value.name.clone();
        if let Some(other) = variables.get(&name) {
            let message = format!("the variable {name} is there already, from {}", other.place);
            return Err(Error::failed(&variable.place, message));
        }
        variables.insert(name, variable);
    }
    Ok(())
}

/// Notes on resources which variables take their values from them.
pub(crate) fn note(set: &mut ResourceSet, variables: &[Placed<Variable>]) -> Result<(), Error> {
    for Placed { value, place } in variables {
        let id = &value.resource;
        let any_namespace = id.namespace.is_empty() && !id.gvk.is_cluster_scoped();
        let fits = |other: &Id| {
            if any_namespace {
                other.name == id.name && other.gvk == id.gvk
            } else {
                other.same(id)
            }
        };
        let found: Vec<usize> = (0..set.items.len())
            .filter(|at| set.items[*at].any_id(fits))
            .collect();
        match found.as_slice() {
            [] => {}
            [at] => set.items[*at].variables.push(value.name.clone()),
            _ => {
                let message = format!(
                    "the variable {} may be of any of {} resources; give objref a namespace",
                    value.name,
                    found.len()
                );
                return Err(Error::failed(place, message));
            }
        }
    }
    Ok(())
}

/// Replaces all variables.
pub(crate) fn resolve(
    set: &mut ResourceSet,
    variables: &Variables,
    specs: &[FieldSpec],
) -> Result<(), Error> {
    let mut values = BTreeMap::new();
    for (name, variable) in variables {
        values.insert(name.as_str(), value_of(set, variable)?);
    }
    if values.is_empty() {
        return Ok(());
    }
    for resource in &mut set.items {
        let gvk = resource.gvk();
        for spec in specs {
            let mut set = |value: &mut Tree| fill(value, &values);
            visit(&mut resource.tree, &gvk, spec, Leaf::None, &mut set)
                .map_err(|message| Error::failed(&resource.place, message))?;
        }
    }
    Ok(())
}

fn value_of(set: &ResourceSet, variable: &Placed<Variable>) -> Result<Tree, Error> {
    let Placed { value, place } = variable;
    let resource = set
        .items
        .iter()
        .find(|resource| resource.variables.contains(&value.name));
    let Some(resource) = resource else {
        let message = format!(
            "the variable {} is of {}, which is no resource here",
            value.name, value.resource
        );
        return Err(Error::failed(place, message));
    };
    let parts = with_indices(path::split(&value.path));
    if let Ok(Some(found)) = path::lookup(&resource.tree, &parts) {
        return Ok(found.clone());
    }
    let message = format!(
        "the variable {} is of the field {}, which {} has not",
        value.name,
        value.path,
        resource.id()
    );
    Err(Error::failed(place, message))
}

/// Splits `ports[0]` in two.
fn with_indices(parts: Vec<String>) -> Vec<String> {
    let mut result = Vec::new();
    for part in parts {
        let index = part
            .strip_suffix(']')
            .and_then(|front| front.rsplit_once('['))
            .filter(|(_, at)| !at.is_empty() && at.bytes().all(|byte| byte.is_ascii_digit()));
        let Some((name, at)) = index else {
            result.push(part);
            continue;
        };
        if !name.is_empty() {
            result.push(name.to_owned());
        }
        result.push(at.to_owned());
    }
    result
}

/// Fills a text, the values of a map, or the items of a list.
fn fill(value: &mut Tree, values: &BTreeMap<&str, Tree>) -> Result<(), String> {
    match value {
        Tree::Text(text) | Tree::Folded(text) => *value = expand(text, values),
        Tree::Map(map) => {
            for value in map.values_mut() {
                if let Tree::Text(text) = value {
                    *value = expand(text, values);
                }
            }
        }
        Tree::List(items) => {
            for item in items {
                let Tree::Text(text) = item else {
                    return Err(format!(
                        "only texts may stand in a list with variables, not {}",
                        item.kind_name()
                    ));
                };
                *item = expand(text, values);
            }
        }
        _ => {}
    }
    Ok(())
}

/// Puts values in place of `$(NAME)`; `$$` is a dollar sign. A text that is one variable becomes
/// its value, a number remaining one.
fn expand(text: &str, values: &BTreeMap<&str, Tree>) -> Tree {
    let known = |name: &str| {
        values
            .get(name)
            .filter(|value| value.is_scalar() && !value.is_null())
    };
    let mut result = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        result.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let mut characters = after.chars();
        match characters.next() {
            // A dollar sign at the end stays.
            None => {
                rest = &rest[at..];
                break;
            }
            Some('$') => {
                result.push('$');
                rest = &after[1..];
            }
            Some('(') => {
                let Some(end) = after.find(')') else {
                    result.push_str("$(");
                    rest = &after[1..];
                    continue;
                };
                let name = &after[1..end];
                match known(name) {
                    Some(value) if at == 0 && end + 2 == text.len() => return value.clone(),
                    Some(value) => result.push_str(&value.spelling()),
                    None => {
                        result.push_str("$(");
                        result.push_str(name);
                        result.push(')');
                    }
                }
                rest = &after[end + 1..];
            }
            Some(other) => {
                result.push('$');
                result.push(other);
                rest = characters.as_str();
            }
        }
    }
    result.push_str(rest);
    Tree::Text(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_expanded() {
        let values = BTreeMap::from([("A", Tree::text("x")), ("N", Tree::Number(5.into()))]);
        for (text, expected) in [
            ("$(A)", Tree::text("x")),
            ("$(N)", Tree::Number(5.into())),
            ("a $(A) $(N) $(B)", Tree::text("a x 5 $(B)")),
            ("$$(A)", Tree::text("$(A)")),
            ("$(A", Tree::text("$(A")),
            ("cost: 5$", Tree::text("cost: 5$")),
            ("$é", Tree::text("$é")),
        ] {
            assert_eq!(expand(text, &values), expected, "{text}");
        }
    }
}
