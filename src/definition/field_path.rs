//! A path of keys such as `spec.tasks[*].image`: takes it as people write it, gives the values at it in
//! a manifest with the fields that they stand in, never fails on a manifest.

use std::fmt::Write;

use serde_json::Value;

/// A path of keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldPath {
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    /// Every item of a list or every value of a map.
    Every,
}

/// Something at a path.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldValue<'m> {
    /// The field, with its indices.
    pub field: String,
    /// What stands there; absent where what holds it is there, but not this field.
    pub value: Option<&'m Value>,
}

impl FieldPath {
    /// Reads a path; the error says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut steps = Vec::new();
        for part in text.split('.') {
            let every = part.matches("[*]").count();
            let key = part.trim_end_matches("[*]");
            if key.is_empty() && (every == 0 || steps.is_empty()) {
                return Err("there is nothing between two dots".to_owned());
            }
            if key.contains(['[', ']', '$', '"', '\'', ' ']) {
                return Err(format!(
                    "`{part}` is no key; every item of a list is meant by `[*]` after its key"
                ));
            }
            if key == "*" {
                steps.push(Step::Every);
            } else if !key.is_empty() {
                steps.push(Step::Key(key.to_owned()));
            }
            steps.extend(std::iter::repeat_n(Step::Every, every));
        }
        Ok(Self { steps })
    }

    /// Returns what stands at the path. A last key that is missing in what holds it is told, too.
    pub fn find<'m>(&self, manifest: &'m Value) -> Vec<FieldValue<'m>> {
        let mut found = vec![FieldValue {
            field: String::new(),
            value: Some(manifest),
        }];
        for (index, step) in self.steps.iter().enumerate() {
            let last = index + 1 == self.steps.len();
            let mut next = Vec::new();
            for holder in found {
                let Some(value) = holder.value else { continue };
                match step {
                    Step::Key(key) => {
                        let below = value.get(key).filter(|value| is_there(value));
                        if below.is_some() || (last && value.is_object()) {
                            let dot = if holder.field.is_empty() { "" } else { "." };
                            next.push(FieldValue {
                                field: format!("{}{dot}{key}", holder.field),
                                value: below,
                            });
                        }
                    }
                    Step::Every => every(&holder.field, value, &mut next),
                }
            }
            found = next;
        }
        found
    }
}

/// Operators take null and an empty text for nothing.
fn is_there(value: &Value) -> bool {
    !value.is_null() && value.as_str() != Some("")
}

fn every<'m>(field: &str, value: &'m Value, found: &mut Vec<FieldValue<'m>>) {
    match value {
        Value::Array(items) => {
            found.extend(items.iter().enumerate().map(|(index, item)| FieldValue {
                field: format!("{field}[{index}]"),
                value: Some(item),
            }));
        }
        Value::Object(fields) => found.extend(fields.iter().map(|(key, value)| FieldValue {
            field: format!("{field}.{key}"),
            value: Some(value),
        })),
        _ => {}
    }
}

impl std::fmt::Display for FieldPath {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = String::new();
        for step in &self.steps {
            let _ = match step {
                Step::Key(key) if text.is_empty() => write!(text, "{key}"),
                Step::Key(key) => write!(text, ".{key}"),
                Step::Every => write!(text, "[*]"),
            };
        }
        formatter.write_str(&text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(path: &str, manifest: &Value) -> Vec<String> {
        let path = FieldPath::parse(path).expect(path);
        path.find(manifest)
            .into_iter()
            .map(|found| match found.value {
                Some(value) => format!("{} {value}", found.field),
                None => format!("{} -", found.field),
            })
            .collect()
    }

    #[test]
    fn a_path_leads_through_lists_and_maps() {
        let manifest = json!({"spec": {
            "image": "a",
            "tasks": [{"image": "b"}, {"name": "without"}, "text"],
            "pools": {"x": {"image": "c"}, "y": null},
            "empty": "",
        }});
        assert_eq!(found("spec.image", &manifest), [r#"spec.image "a""#]);
        assert_eq!(
            found("spec.tasks[*].image", &manifest),
            [r#"spec.tasks[0].image "b""#, "spec.tasks[1].image -"]
        );
        assert_eq!(
            found("spec.pools.*.image", &manifest),
            [r#"spec.pools.x.image "c""#]
        );
        assert_eq!(found("spec.empty", &manifest), ["spec.empty -"]);
        assert!(found("spec.other.image", &manifest).is_empty());
        assert!(found("spec.image.tag", &manifest).is_empty());
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for path in [
            "",
            "spec.",
            "spec..image",
            "spec.tasks[0].image",
            "$.spec",
            "[*].image",
        ] {
            assert!(FieldPath::parse(path).is_err(), "{path}");
        }
        let path = FieldPath::parse("spec.a[*][*].*.image").expect("a path");
        assert_eq!(path.to_string(), "spec.a[*][*][*].image");
    }
}
