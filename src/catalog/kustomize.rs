//! An Application's options for Kustomize: takes `source.kustomize`, gives what the build is asked
//! for, or what is wrong with it, never builds.

use std::collections::BTreeMap;

use kustomize::{LabelScope, Options};
use serde_json::Value;

use crate::suggest::nearest;

use super::helm_source::kubernetes_version;
use super::service::KustomizeOptions;

/// All fields, for suggestions.
const FIELDS: &[&str] = &[
    "namePrefix",
    "nameSuffix",
    "namespace",
    "images",
    "components",
    "ignoreMissingComponents",
    "replicas",
    "commonLabels",
    "forceCommonLabels",
    "labelWithoutSelector",
    "labelIncludeTemplates",
    "commonAnnotations",
    "forceCommonAnnotations",
    "commonAnnotationsEnvsubst",
    "patches",
    "version",
    "kubeVersion",
    "apiVersions",
];

/// Reads options of the source at a place in `spec`; the error is a sentence that goes on after the
/// Application's name.
pub(super) fn read(
    kustomize: &Value,
    at: &str,
    mut substitute: impl FnMut(&str) -> String,
) -> Result<KustomizeOptions, String> {
    let mut all = KustomizeOptions::default();
    let mut options = Options::default();
    let Some(fields) = kustomize.as_object() else {
        return Ok(all);
    };
    let truth = |key: &str| fields.get(key).and_then(Value::as_bool).unwrap_or(false);
    for (key, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
        let wrong = || format!("has a spec{at}.kustomize.{key} of the wrong kind");
        let text = || value.as_str().map(str::to_owned).ok_or_else(wrong);
        match key.as_str() {
            "namePrefix" => options.name_prefix = Some(text()?).filter(|text| !text.is_empty()),
            "nameSuffix" => options.name_suffix = Some(text()?).filter(|text| !text.is_empty()),
            "namespace" => options.namespace = Some(text()?).filter(|text| !text.is_empty()),
            "images" => {
                let images = texts(value).ok_or_else(wrong)?;
                options.images = images.iter().map(|image| substitute(image)).collect();
            }
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
            "ignoreMissingComponents" => all.ignores_missing_components = truth(key),
            "version" => all.version = Some(text()?).filter(|text| !text.is_empty()),
            "apiVersions" => all.api_versions = texts(value).ok_or_else(wrong)?,
            "kubeVersion" => {
                let version = text()?;
                if !version.is_empty() {
                    let read = kubernetes_version(&version).ok_or_else(|| {
                        format!("has spec{at}.kustomize.kubeVersion {version}, which is no version")
                    })?;
                    all.kubernetes_version = Some(read);
                }
            }
            "patches" if value.as_array().is_some_and(Vec::is_empty) => {}
            // JSON is YAML.
            "patches" => options.patches = Some(value.to_string()),
            key => {
                let known = nearest(key, FIELDS.iter().copied());
                let hint = known.map(|known| format!(": did you mean `{known}`?"));
                let hint = hint.unwrap_or_default();
                return Err(format!(
                    "has an unknown field spec{at}.kustomize.{key}{hint}"
                ));
            }
        }
    }
    if truth("labelIncludeTemplates")
        && !truth("labelWithoutSelector")
        && !options.common_labels.is_empty()
    {
        return Err(format!(
            "sets spec{at}.kustomize.labelIncludeTemplates without labelWithoutSelector, which \
             kustomize refuses"
        ));
    }
    options.label_scope = match (
        truth("labelWithoutSelector"),
        truth("labelIncludeTemplates"),
    ) {
        (false, _) => LabelScope::Selectors,
        (true, true) => LabelScope::Templates,
        (true, false) => LabelScope::Metadata,
    };
    all.build = options;
    Ok(all)
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
    fn options_are_read_and_mistakes_are_named() {
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
            ".source",
            |text| text.replace("$NAME", "web"),
        )
        .expect("options")
        .build;
        assert_eq!(options.name_prefix.as_deref(), Some("a-"));
        assert_eq!(
            options.replicas,
            BTreeMap::from([("api".into(), 2), ("web".into(), 3)])
        );
        assert_eq!(options.common_labels["app"], "web");
        assert_eq!(options.common_annotations["a"], "$NAME");
        assert_eq!(options.label_scope, LabelScope::Metadata);
        let wrong = |given: Value| read(&given, ".source", str::to_owned).expect_err("a mistake");
        assert!(wrong(json!({"kubeVersion": "new"})).contains("no version"));
        assert!(wrong(json!({"image": ["x:1"]})).contains("did you mean `images`?"));
        assert!(wrong(json!({"images": "x"})).contains("wrong kind"));
        let given = json!({"commonLabels": {"a": "b"}, "labelIncludeTemplates": true});
        assert!(wrong(given).contains("labelWithoutSelector"));
    }
}
