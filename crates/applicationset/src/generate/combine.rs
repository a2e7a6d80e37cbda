//! Generators of generators: takes what they yield, gives its product (matrix) or what belongs
//! together (merge).
//!
//! Sources: `applicationset/generators/matrix.go` and `merge.go`.

use std::collections::{BTreeMap, BTreeSet};

use gotemplate::{Map, Value, to_json};
use serde_json::Value as Json;

use super::{Failure, Generation, Sets, items};
use crate::error::{Problem, excerpt};
use crate::params::{combined, merge_over};

impl Generation<'_> {
    /// Each set of the first generator with each set of the second one, which sees the first's.
    pub(super) fn matrix(&self, matrix: &Json, path: &str) -> Result<Sets, Failure> {
        let [first, second] = items(matrix, "generators") else {
            let count = items(matrix, "generators").len();
            let problem = Problem::new(
                format!("{path}.generators"),
                format!("a matrix has two generators, but here are {count}"),
            );
            let help = "for three, let one of the two be a matrix itself";
            return Err(problem.help(help).into());
        };
        let mut sets = Vec::new();
        for left in self.child(first, None, &format!("{path}.generators[0]"))? {
            let path_of_second = format!("{path}.generators[1]");
            for right in self.child(second, Some(&left), &path_of_second)? {
                self.count(1, path)?;
                sets.push(if self.renderer.is_go() {
                    let both = Map::new();
                    merge_over(&both, &right)
                        .and_then(|()| merge_over(&both, &left))
                        .map_err(|what| Problem::new(path, what))?;
                    both
                } else {
                    combined(&left, &right).map_err(|what| {
                        Problem::new(path, what)
                            .help("give one of them another name, or use `goTemplate: true`")
                    })?
                });
            }
        }
        Ok(sets)
    }

    /// The sets of the first generator, each with what the others yield for the same keys.
    pub(super) fn merge(&self, merge: &Json, path: &str) -> Result<Sets, Failure> {
        let generators = items(merge, "generators");
        if generators.len() < 2 {
            let problem = Problem::new(
                format!("{path}.generators"),
                format!(
                    "a merge has two generators or more, but here are {}",
                    generators.len()
                ),
            );
            return Err(problem.into());
        }
        let keys: BTreeSet<&str> = (items(merge, "mergeKeys").iter())
            .filter_map(Json::as_str)
            .collect();
        if keys.is_empty() {
            let problem = Problem::new(format!("{path}.mergeKeys"), "a merge needs its keys")
                .help("name the parameters by which sets belong together, such as [name]");
            return Err(problem.into());
        }
        let mut merged: Option<BTreeMap<String, Map>> = None;
        for (at, generator) in generators.iter().enumerate() {
            let path = format!("{path}.generators[{at}]");
            let sets = self.child(generator, None, &path)?;
            let sets = by_keys(&keys, sets, &path)?;
            let Some(base) = &mut merged else {
                merged = Some(sets);
                continue;
            };
            for (key, under) in base.iter_mut() {
                let Some(over) = sets.get(key) else { continue };
                if under.is_nil() {
                    *under = Map::new();
                }
                if self.renderer.is_go() {
                    merge_over(under, over).map_err(|what| Problem::new(&path, what))?;
                } else {
                    for (name, value) in over {
                        under.set(name, value);
                    }
                }
            }
        }
        Ok(merged.unwrap_or_default().into_values().collect())
    }

    /// Returns what a generator within another one yields.
    fn child(&self, generator: &Json, params: Option<&Map>, path: &str) -> Result<Sets, Failure> {
        let yields = self.transform(generator, params, path)?;
        match <[_; 1]>::try_from(yields) {
            Ok([one]) => Ok(one.sets),
            Err(yields) if yields.is_empty() => Err(no_generator(path).into()),
            Err(yields) => {
                let names: Vec<&str> = (yields.iter())
                    .map(|one| one.path.rsplit('.').next().unwrap_or_default())
                    .collect();
                let message = format!("has several generators in one: {}", names.join(", "));
                let help = "begin each with a `-` of its own";
                Err(Problem::new(path, message).help(help).into())
            }
        }
    }
}

/// Says that there is nothing known in a generator.
pub(crate) fn no_generator(path: &str) -> Problem {
    Problem::new(path, "has no generator in it").help(
        "there are list, git, clusters, matrix, merge, scmProvider, pullRequest, plugin and \
         clusterDecisionResource; one without options has `{}`: `clusters: {}`",
    )
}

/// Finds sets by the values of the keys.
fn by_keys(
    keys: &BTreeSet<&str>,
    sets: Sets,
    path: &str,
) -> Result<BTreeMap<String, Map>, Problem> {
    let mut found = BTreeMap::new();
    for set in sets {
        let key: Map = (keys.iter())
            .map(|key| (*key, set.get(key).unwrap_or(Value::Nil)))
            .collect();
        let key = to_json(&Value::Map(key));
        let key = key.map_err(|error| Problem::new(path, error.to_string()))?;
        let text = key.to_string();
        if found.insert(text.clone(), set).is_some() {
            let message = format!(
                "yields two sets with the same merge keys: {}",
                excerpt(&text)
            );
            let lacks = key
                .as_object()
                .is_some_and(|keys| keys.values().any(Json::is_null));
            let help = if lacks {
                "a key that is null is not there: only top-level parameters can be merge keys"
            } else {
                "name enough parameters in mergeKeys to tell its sets apart"
            };
            return Err(Problem::new(path, message).help(help));
        }
    }
    Ok(found)
}
