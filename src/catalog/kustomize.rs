//! An Application's options for Kustomize: takes `source.kustomize`, gives what the build is asked
//! for, or what is wrong with it, never builds.

use std::collections::BTreeMap;

use kustomize::{LabelScope, Options};
use serde_json::Value;

use super::application::{list, texts};
use super::fields::{Mistake, Type, mistakes};
use super::helm_source::kubernetes_version;
use super::service::KustomizeOptions;

/// The fields with their types.
///
/// Source: the schema of Argo CD's `Application`, `spec.source.kustomize`.
const FIELDS: &[(&str, Type)] = &[
    ("namePrefix", Type::Text),
    ("nameSuffix", Type::Text),
    ("namespace", Type::Text),
    ("images", Type::Texts),
    ("components", Type::Texts),
    ("ignoreMissingComponents", Type::Truth),
    ("replicas", Type::Maps),
    ("commonLabels", Type::TextMap),
    ("forceCommonLabels", Type::Truth),
    ("labelWithoutSelector", Type::Truth),
    ("labelIncludeTemplates", Type::Truth),
    ("commonAnnotations", Type::TextMap),
    ("forceCommonAnnotations", Type::Truth),
    ("commonAnnotationsEnvsubst", Type::Truth),
    ("patches", Type::Maps),
    ("version", Type::Text),
    ("kubeVersion", Type::Text),
    ("apiVersions", Type::Texts),
];

/// Reads options of the source at a place in `spec`, and what is wrong with them.
pub(super) fn read(
    kustomize: &Value,
    at: &str,
    mut substitute: impl FnMut(&str) -> String,
) -> (KustomizeOptions, Vec<Mistake>) {
    let at = format!("{at}.kustomize");
    let mut wrong = mistakes(&at, kustomize, FIELDS);
    let truth = |key: &str| kustomize.get(key) == Some(&Value::Bool(true));
    let text = |key: &str| {
        let text = kustomize.get(key).and_then(Value::as_str);
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let mut text_map = |key: &str, is_filled: bool| -> BTreeMap<String, String> {
        let fields = kustomize.get(key).and_then(Value::as_object);
        let fields = fields.into_iter().flatten();
        let mut fill = |text: &str| {
            if is_filled {
                substitute(text)
            } else {
                text.to_owned()
            }
        };
        fields
            .filter_map(|(key, value)| Some((key.clone(), fill(value.as_str()?))))
            .collect()
    };
    let common_labels = text_map("commonLabels", true);
    let common_annotations = text_map("commonAnnotations", truth("commonAnnotationsEnvsubst"));
    if truth("labelIncludeTemplates") && !truth("labelWithoutSelector") && !common_labels.is_empty()
    {
        wrong.push(Mistake::new(format!(
            "sets spec{at}.labelIncludeTemplates without labelWithoutSelector, which kustomize \
             refuses"
        )));
    }
    let kubernetes_version = text("kubeVersion").and_then(|version| {
        let read = kubernetes_version(&version);
        if read.is_none() {
            let what = format!("has spec{at}.kubeVersion {version}, which is no version");
            wrong.push(Mistake::new(what));
        }
        read
    });
    let replicas = replicas(kustomize.get("replicas")).unwrap_or_else(|index| {
        wrong.push(Mistake::new(format!(
            "has spec{at}.replicas[{index}], which is not a name and a count"
        )));
        BTreeMap::new()
    });
    let images = texts(kustomize.get("images"));
    let patches = kustomize.get("patches").and_then(Value::as_array);
    let build = Options {
        name_prefix: text("namePrefix"),
        name_suffix: text("nameSuffix"),
        namespace: text("namespace"),
        images: images.iter().map(|image| substitute(image)).collect(),
        components: texts(kustomize.get("components")),
        replicas,
        common_labels,
        common_annotations,
        force_common_labels: truth("forceCommonLabels"),
        force_common_annotations: truth("forceCommonAnnotations"),
        label_scope: match (
            truth("labelWithoutSelector"),
            truth("labelIncludeTemplates"),
        ) {
            (false, _) => LabelScope::Selectors,
            (true, true) => LabelScope::Templates,
            (true, false) => LabelScope::Metadata,
        },
        // JSON is YAML.
        patches: patches
            .filter(|patches| !patches.is_empty())
            .map(|patches| Value::from(patches.clone()).to_string()),
        ..Options::default()
    };
    let options = KustomizeOptions {
        build,
        ignores_missing_components: truth("ignoreMissingComponents"),
        version: text("version"),
        kubernetes_version,
        api_versions: texts(kustomize.get("apiVersions")),
    };
    (options, wrong)
}

/// Reads numbers of replicas; the error is the index of one that is none.
fn replicas(value: Option<&Value>) -> Result<BTreeMap<String, i64>, usize> {
    let count = |value: &Value| value.as_i64().or_else(|| value.as_str()?.parse().ok());
    let items = list(value).iter().enumerate();
    items
        .map(|(index, item)| {
            let name = item.get("name").and_then(Value::as_str);
            let count = item.get("count").and_then(count);
            Ok((name.ok_or(index)?.to_owned(), count.ok_or(index)?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn options_are_read_and_mistakes_are_named() {
        let (options, wrong) = read(
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
        );
        assert_eq!(wrong, []);
        let options = options.build;
        assert_eq!(options.name_prefix.as_deref(), Some("a-"));
        assert_eq!(
            options.replicas,
            BTreeMap::from([("api".into(), 2), ("web".into(), 3)])
        );
        assert_eq!(options.common_labels["app"], "web");
        assert_eq!(options.common_annotations["a"], "$NAME");
        assert_eq!(options.label_scope, LabelScope::Metadata);
        let wrong = |given: Value| {
            let (_, wrong) = read(&given, ".source", str::to_owned);
            let [mistake] = <[Mistake; 1]>::try_from(wrong).expect("one mistake");
            format!("{} {}", mistake.what, mistake.help.unwrap_or_default())
        };
        assert!(wrong(json!({"kubeVersion": "new"})).contains("no version"));
        assert!(wrong(json!({"image": ["x:1"]})).contains("did you mean `images`?"));
        assert!(wrong(json!({"images": "x"})).contains("not a list of texts"));
        assert!(wrong(json!({"replicas": [{"name": "a"}]})).contains("replicas[0]"));
        let given = json!({"commonLabels": {"a": "b"}, "labelIncludeTemplates": true});
        assert!(wrong(given).contains("labelWithoutSelector"));
    }
}
