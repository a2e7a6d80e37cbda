//! Targets of patches: takes a target and a resource, gives whether they fit, never changes
//! anything.

use std::collections::BTreeMap;

use crate::definition::Target;
use crate::id::Id;
use crate::pattern::Pattern;
use crate::resource::Resource;

/// A target made ready.
pub(crate) struct Matcher {
    group: Option<Pattern>,
    version: Option<Pattern>,
    kind: Option<Pattern>,
    name: Option<Pattern>,
    namespace: Option<Pattern>,
    labels: Vec<Requirement>,
    annotations: Vec<Requirement>,
}

impl Matcher {
    /// Returns the matcher of a target; the sentence says which part of it is wrong.
    pub(crate) fn new(target: &Target) -> Result<Self, String> {
        let whole = |pattern: &str| {
            if pattern.is_empty() {
                return Ok(None);
            }
            Pattern::whole(pattern).map(Some)
        };
        Ok(Self {
            group: whole(&target.group)?,
            version: whole(&target.version)?,
            kind: whole(&target.kind)?,
            name: whole(&target.name)?,
            namespace: whole(&target.namespace)?,
            labels: requirements(&target.label_selector)?,
            annotations: requirements(&target.annotation_selector)?,
        })
    }

    /// Returns true where labels or annotations are asked for.
    pub(crate) fn has_selectors(&self) -> bool {
        !self.labels.is_empty() || !self.annotations.is_empty()
    }

    /// Returns true where anything of an identity is asked for.
    pub(crate) fn has_identity(&self) -> bool {
        [
            &self.group,
            &self.version,
            &self.kind,
            &self.name,
            &self.namespace,
        ]
        .into_iter()
        .any(Option::is_some)
    }

    /// Returns true where labels and annotations are as asked for.
    pub(crate) fn selectors_hold(&self, resource: &Resource) -> bool {
        let hold = |requirements: &[Requirement], field: &str| {
            requirements.is_empty()
                || all_hold(requirements, &resource.string_map(&["metadata", field]))
        };
        hold(&self.labels, "labels") && hold(&self.annotations, "annotations")
    }

    /// Returns true where one identity fits, its namespace taken as it is written.
    pub(crate) fn fits_id(&self, id: &Id) -> bool {
        let fits = |pattern: &Option<Pattern>, text: &str| {
            pattern.as_ref().is_none_or(|pattern| pattern.fits(text))
        };
        fits(&self.group, &id.gvk.group)
            && fits(&self.version, &id.gvk.version)
            && fits(&self.kind, &id.gvk.kind)
            && fits(&self.name, &id.name)
            && fits(&self.namespace, &id.namespace)
    }

    /// Returns true where a resource, by its first or its present identity, fits.
    pub(crate) fn matches(&self, resource: &Resource) -> bool {
        let fits = |pattern: &Option<Pattern>, text: &str| {
            pattern.as_ref().is_none_or(|pattern| pattern.fits(text))
        };
        let (first, now) = (resource.original_id(), resource.id());
        let namespaces = [first.effective_namespace(), now.effective_namespace()];
        namespaces
            .into_iter()
            .any(|namespace| fits(&self.namespace, namespace))
            && [&first.name, &now.name]
                .into_iter()
                .any(|name| fits(&self.name, name))
            && fits(&self.group, &now.gvk.group)
            && fits(&self.version, &now.gvk.version)
            && fits(&self.kind, &now.gvk.kind)
            && self.selectors_hold(resource)
    }
}

fn all_hold(requirements: &[Requirement], map: &BTreeMap<String, String>) -> bool {
    requirements
        .iter()
        .all(|requirement| requirement.holds(map))
}

/// One part of a selector.
#[derive(Debug, PartialEq, Eq)]
struct Requirement {
    key: String,
    test: Test,
}

/// What a selector asks of a label.
#[derive(Debug, PartialEq, Eq)]
enum Test {
    Exists,
    Absent,
    In(Vec<String>),
    NotIn(Vec<String>),
    Greater(i64),
    Less(i64),
}

impl Requirement {
    fn holds(&self, map: &BTreeMap<String, String>) -> bool {
        let value = map.get(&self.key);
        let number = || value.and_then(|value| value.parse::<i64>().ok());
        match &self.test {
            Test::Exists => value.is_some(),
            Test::Absent => value.is_none(),
            Test::In(values) => value.is_some_and(|value| values.contains(value)),
            Test::NotIn(values) => value.is_none_or(|value| !values.contains(value)),
            Test::Greater(bound) => number().is_some_and(|number| number > *bound),
            Test::Less(bound) => number().is_some_and(|number| number < *bound),
        }
    }
}

/// Reads a selector: `a=b`, `a==b`, `a!=b`, `a in (b, c)`, `a notin (b)`, `a`, `!a`, `a>1`, `a<1`,
/// with commas between them.
fn requirements(selector: &str) -> Result<Vec<Requirement>, String> {
    let mut parts = Vec::new();
    let (mut start, mut depth) = (0, 0_usize);
    for (at, character) in selector.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&selector[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&selector[start..]);
    if selector.trim().is_empty() {
        return Ok(Vec::new());
    }
    parts
        .into_iter()
        .map(|part| requirement(part.trim()))
        .collect()
}

fn requirement(part: &str) -> Result<Requirement, String> {
    let wrong = || format!("{part:?} is no part of a selector");
    let with = |key: &str, test: Test| {
        let key = key.trim();
        let valid = |character: char| {
            character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.' | '/')
        };
        if key.is_empty() || !key.chars().all(valid) {
            return Err(wrong());
        }
        Ok(Requirement {
            key: key.to_owned(),
            test,
        })
    };
    let one = |value: &str| vec![value.trim().to_owned()];
    if let Some(key) = part.strip_prefix('!') {
        return with(key, Test::Absent);
    }
    for (word, negative) in [(" notin", true), (" in", false)] {
        if let Some((key, list)) = part.split_once(word)
            && let Some(list) = list
                .trim()
                .strip_prefix('(')
                .and_then(|it| it.strip_suffix(')'))
        {
            let values = list
                .split(',')
                .map(|value| value.trim().to_owned())
                .collect();
            return with(
                key,
                if negative {
                    Test::NotIn(values)
                } else {
                    Test::In(values)
                },
            );
        }
    }
    if let Some((key, value)) = part.split_once("!=") {
        return with(key, Test::NotIn(one(value)));
    }
    if let Some((key, value)) = part.split_once("==").or_else(|| part.split_once('=')) {
        return with(key, Test::In(one(value)));
    }
    if let Some((key, value)) = part.split_once('>') {
        return with(
            key,
            Test::Greater(value.trim().parse().map_err(|_| wrong())?),
        );
    }
    if let Some((key, value)) = part.split_once('<') {
        return with(key, Test::Less(value.trim().parse().map_err(|_| wrong())?));
    }
    with(part, Test::Exists)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_hold_or_do_not() {
        let map = BTreeMap::from([
            ("a".to_owned(), "b".to_owned()),
            ("n".to_owned(), "5".to_owned()),
        ]);
        for (selector, expected) in [
            ("", true),
            ("a=b", true),
            ("a == b, n", true),
            ("a!=b", false),
            ("x!=b", true),
            ("a in (c, b)", true),
            ("a notin (c,b)", false),
            ("!x", true),
            ("!a", false),
            ("n>4,n<6", true),
        ] {
            assert_eq!(
                all_hold(&requirements(selector).unwrap(), &map),
                expected,
                "{selector}"
            );
        }
        assert!(requirements("a b").is_err());
        assert!(requirements("=x").is_err());
    }
}
