//! An Application's options for Kustomize: takes `spec.source.kustomize`, gives what the build is
//! asked for, or the names of what cannot be carried out, never builds.

use std::collections::BTreeMap;

use kustomize::{LabelScope, Options};
use serde_json::Value;

/// Fields that change nothing offline.
const WITHOUT_EFFECT: &[&str] = &["version"];

/// Reads options; the error is a sentence that goes on after the Application's name.
pub(super) fn read(
    kustomize: &Value,
    mut substitute: impl FnMut(&str) -> String,
) -> Result<Options, String> {
    let mut options = Options::default();
    let Some(fields) = kustomize.as_object() else {
        return Ok(options);
    };
    let truth = |key: &str| fields.get(key).and_then(Value::as_bool).unwrap_or(false);
    for (key, value) in fields {
        let wrong = || format!("has a spec.source.kustomize.{key} of the wrong kind");
        let text = || value.as_str().map(str::to_owned).ok_or_else(wrong);
        match key.as_str() {
            "namePrefix" => options.name_prefix = Some(text()?).filter(|text| !text.is_empty()),
            "nameSuffix" => options.name_suffix = Some(text()?).filter(|text| !text.is_empty()),
            "namespace" => options.namespace = Some(text()?).filter(|text| !text.is_empty()),
            "images" => options.images = texts(value).ok_or_else(wrong)?,
            "components" => options.components = texts(value).ok_or_else(wrong)?,
            "replicas" => options.replicas = replicas(value).ok_or_else(wrong)?,
            "commonLabels" => {
                options.common_labels = text_map(value, &mut substitute).ok_or_else(wrong)?;
            }
            "commonAnnotations" => {
                let filled = truth("commonAnnotationsEnvsubst");
                let mut fill = |text: &str| {
                    if filled {
                        substitute(text)
                    } else {
                        text.to_owned()
                    }
                };
                options.common_annotations = text_map(value, &mut fill).ok_or_else(wrong)?;
            }
            "forceCommonLabels" => options.force_common_labels = truth(key),
            "forceCommonAnnotations" => options.force_common_annotations = truth(key),
            "labelWithoutSelector" | "labelIncludeTemplates" | "commonAnnotationsEnvsubst" => {}
            // JSON is YAML.
            "patches" => options.patches = Some(value.to_string()),
            key if WITHOUT_EFFECT.contains(&key) => {}
            key => {
                return Err(format!(
                    "sets spec.source.kustomize.{key}, which cannot be applied yet"
                ));
            }
        }
    }
    options.label_scope = match (
        truth("labelWithoutSelector"),
        truth("labelIncludeTemplates"),
    ) {
        (false, _) => LabelScope::Selectors,
        (true, true) => LabelScope::Templates,
        (true, false) => LabelScope::Metadata,
    };
    Ok(options)
}

fn texts(value: &Value) -> Option<Vec<String>> {
    value
        .as_array()?
        .iter()
        .map(|item| item.as_str().map(str::to_owned))
        .collect()
}

fn text_map(
    value: &Value,
    fill: &mut impl FnMut(&str) -> String,
) -> Option<BTreeMap<String, String>> {
    let fields = value.as_object()?.iter();
    fields
        .map(|(key, value)| Some((key.clone(), fill(value.as_str()?))))
        .collect()
}

fn replicas(value: &Value) -> Option<BTreeMap<String, i64>> {
    let count = |value: &Value| value.as_i64().or_else(|| value.as_str()?.parse().ok());
    value
        .as_array()?
        .iter()
        .map(|item| {
            Some((
                item.get("name")?.as_str()?.to_owned(),
                count(item.get("count")?)?,
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn options_are_read_and_what_cannot_be_done_is_named() {
        let options = read(
            &json!({
                "namePrefix": "a-",
                "images": ["x=y:1"],
                "replicas": [{"name": "web", "count": 3}, {"name": "api", "count": "2"}],
                "commonLabels": {"app": "$NAME"},
                "commonAnnotations": {"a": "$NAME"},
                "labelWithoutSelector": true,
                "patches": [{"target": {"kind": "X"}, "patch": "- op: remove"}],
            }),
            |text| text.replace("$NAME", "web"),
        )
        .expect("options");
        assert_eq!(options.name_prefix.as_deref(), Some("a-"));
        assert_eq!(
            options.replicas,
            BTreeMap::from([("api".into(), 2), ("web".into(), 3)])
        );
        assert_eq!(options.common_labels["app"], "web");
        assert_eq!(options.common_annotations["a"], "$NAME");
        assert_eq!(options.label_scope, LabelScope::Metadata);
        let error = read(&json!({"kubeVersion": "1.30"}), str::to_owned).expect_err("unsupported");
        assert!(
            error.contains("spec.source.kustomize.kubeVersion"),
            "{error}"
        );
        assert!(read(&json!({"images": "x"}), str::to_owned).is_err());
    }
}
