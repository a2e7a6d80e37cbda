//! One file over another: takes two trees, gives one as Helm merges values files, never loses the
//! place of a value.

use super::document::{Field, Located, Tree};

/// Lays one values file over another: maps are merged key by key, everything else is replaced.
pub(super) fn merge(below: Located, above: Located) -> Located {
    match (below.tree, above.tree) {
        (Tree::Map(below_fields), Tree::Map(above_fields)) => Located {
            tree: Tree::Map(merge_fields(below_fields, above_fields)),
            place: above.place,
        },
        // An empty file, or one with comments only, changes nothing.
        (tree @ Tree::Map(_), Tree::Null) => Located {
            tree,
            place: below.place,
        },
        (_, tree) => Located {
            tree,
            place: above.place,
        },
    }
}

fn merge_fields(mut below: Vec<Field>, above: Vec<Field>) -> Vec<Field> {
    for field in above {
        match below.iter_mut().find(|known| known.key == field.key) {
            Some(known) => {
                known.key_place = field.key_place;
                let under = known.value.clone();
                known.value = match field.value.tree {
                    // A null below the top takes the value away.
                    Tree::Null => field.value,
                    _ => merge(under, field.value),
                };
            }
            None => below.push(field),
        }
    }
    below
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::definition::SourceFile;

    fn tree(path: &str, text: &str) -> Located {
        let file = Arc::new(SourceFile {
            path: path.to_owned(),
            text: text.to_owned(),
        });
        Located::read(&file).expect("valid YAML")
    }

    #[test]
    fn maps_merge_and_everything_else_is_replaced() {
        let below = tree("a.yaml", "a: {x: 1, z: [1, 2]}\nb: 1\nc: {d: 1}\n");
        let above = tree("b.yaml", "\na: {z: [3]}\nc: null\ne: {f: 2}\n");
        let merged = merge(below, above);
        assert_eq!(
            merged.to_json(),
            json!({"a": {"x": 1, "z": [3]}, "b": 1, "c": null, "e": {"f": 2}})
        );
        let place = |path: &[&str]| {
            merged
                .at(path)
                .map(|value| value.place.source().to_string())
        };
        assert_eq!(place(&["a", "x"]).as_deref(), Some("a.yaml:1:8"));
        assert_eq!(place(&["a", "z"]).as_deref(), Some("b.yaml:2:8"));
    }
}
