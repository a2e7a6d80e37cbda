//! The Application, as Argo CD's controller writes one: takes its JSON, gives it as Go's types write
//! it, without what means nothing, never looks at what it points to.
//!
//! Source: Argo CD 3.2, `pkg/apis/application/v1alpha1/types.go`, fields in the order of the types.

use serde_json::{Map, Value, json};

use crate::shape::{Field, Shape, TEXT_MAP, TEXTS, always, filled, flag, given, is_empty, text};

const HELM: Shape = Shape::Struct(&[
    filled("valueFiles", TEXTS),
    filled(
        "parameters",
        Shape::List(&Shape::Struct(&[
            text("name"),
            text("value"),
            flag("forceString"),
        ])),
    ),
    text("releaseName"),
    text("values"),
    filled(
        "fileParameters",
        Shape::List(&Shape::Struct(&[text("name"), text("path")])),
    ),
    text("version"),
    flag("passCredentials"),
    flag("ignoreMissingValueFiles"),
    flag("skipCrds"),
    given("valuesObject", Shape::Any),
    text("namespace"),
    text("kubeVersion"),
    filled("apiVersions", TEXTS),
    flag("skipTests"),
    flag("skipSchemaValidation"),
]);

const KUSTOMIZE: Shape = Shape::Struct(&[
    text("namePrefix"),
    text("nameSuffix"),
    filled("images", TEXTS),
    filled("commonLabels", TEXT_MAP),
    text("version"),
    filled("commonAnnotations", TEXT_MAP),
    flag("forceCommonLabels"),
    flag("forceCommonAnnotations"),
    text("namespace"),
    flag("commonAnnotationsEnvsubst"),
    filled(
        "replicas",
        Shape::List(&Shape::Struct(&[
            always("name", Shape::Text),
            always("count", Shape::Either),
        ])),
    ),
    filled("patches", Shape::List(&PATCH)),
    filled("components", TEXTS),
    flag("ignoreMissingComponents"),
    flag("labelWithoutSelector"),
    text("kubeVersion"),
    filled("apiVersions", TEXTS),
    flag("labelIncludeTemplates"),
]);

const PATCH: Shape = Shape::Struct(&[
    text("path"),
    text("patch"),
    given(
        "target",
        Shape::Struct(&[
            text("group"),
            text("version"),
            text("kind"),
            text("name"),
            text("namespace"),
            text("annotationSelector"),
            text("labelSelector"),
        ]),
    ),
    filled("options", Shape::Map(&Shape::Flag)),
]);

const VARIABLES: Shape = Shape::List(&Shape::Struct(&[
    always("name", Shape::Text),
    always("value", Shape::Text),
    flag("code"),
]));

const DIRECTORY: Shape = Shape::Struct(&[
    flag("recurse"),
    filled(
        "jsonnet",
        Shape::Struct(&[
            filled("extVars", VARIABLES),
            filled("tlas", VARIABLES),
            filled("libs", TEXTS),
        ]),
    ),
    text("exclude"),
    text("include"),
]);

const NAME_AND_VALUE: Shape =
    Shape::Struct(&[always("name", Shape::Text), always("value", Shape::Text)]);

const PLUGIN: Shape = Shape::Struct(&[
    text("name"),
    filled("env", Shape::List(&NAME_AND_VALUE)),
    filled(
        "parameters",
        Shape::List(&Shape::Struct(&[
            always("name", Shape::Text),
            given("string", Shape::Text),
            given("map", TEXT_MAP),
            given("array", TEXTS),
        ])),
    ),
]);

const SOURCE: Shape = Shape::Struct(&[
    always("repoURL", Shape::Text),
    text("path"),
    text("targetRevision"),
    given("helm", HELM),
    given("kustomize", KUSTOMIZE),
    given("directory", DIRECTORY),
    given("plugin", PLUGIN),
    text("chart"),
    text("ref"),
    text("name"),
]);

const SYNC_POLICY: Shape = Shape::Struct(&[
    given(
        "automated",
        Shape::Struct(&[
            flag("prune"),
            flag("selfHeal"),
            flag("allowEmpty"),
            given("enabled", Shape::Flag),
        ]),
    ),
    filled("syncOptions", TEXTS),
    given("retry", RETRY),
    given(
        "managedNamespaceMetadata",
        Shape::Struct(&[filled("labels", TEXT_MAP), filled("annotations", TEXT_MAP)]),
    ),
]);

const RETRY: Shape = Shape::Struct(&[
    filled("limit", Shape::Integer),
    given(
        "backoff",
        Shape::Struct(&[
            text("duration"),
            given("factor", Shape::Integer),
            text("maxDuration"),
        ]),
    ),
    flag("refresh"),
]);

const HYDRATOR: Shape = Shape::Struct(&[
    always(
        "drySource",
        Shape::Struct(&[
            always("repoURL", Shape::Text),
            always("targetRevision", Shape::Text),
            always("path", Shape::Text),
        ]),
    ),
    always(
        "syncSource",
        Shape::Struct(&[
            always("targetBranch", Shape::Text),
            always("path", Shape::Text),
        ]),
    ),
    given(
        "hydrateTo",
        Shape::Struct(&[always("targetBranch", Shape::Text)]),
    ),
]);

const SPEC: Shape = Shape::Struct(&[
    given("source", SOURCE),
    always(
        "destination",
        Shape::Struct(&[text("server"), text("namespace"), text("name")]),
    ),
    always("project", Shape::Text),
    given("syncPolicy", SYNC_POLICY),
    filled(
        "ignoreDifferences",
        Shape::List(&Shape::Struct(&[
            text("group"),
            always("kind", Shape::Text),
            text("name"),
            text("namespace"),
            filled("jsonPointers", TEXTS),
            filled("jqPathExpressions", TEXTS),
            filled("managedFieldsManagers", TEXTS),
        ])),
    ),
    filled("info", Shape::List(&NAME_AND_VALUE)),
    given("revisionHistoryLimit", Shape::Integer),
    filled("sources", Shape::List(&SOURCE)),
    given("sourceHydrator", HYDRATOR),
]);

const OPERATION: Shape = Shape::Struct(&[
    given(
        "sync",
        Shape::Struct(&[
            text("revision"),
            flag("prune"),
            flag("dryRun"),
            given(
                "syncStrategy",
                Shape::Struct(&[given("apply", FORCE), given("hook", FORCE)]),
            ),
            filled(
                "resources",
                Shape::List(&Shape::Struct(&[
                    text("group"),
                    always("kind", Shape::Text),
                    always("name", Shape::Text),
                    text("namespace"),
                ])),
            ),
            given("source", SOURCE),
            filled("manifests", TEXTS),
            filled("syncOptions", TEXTS),
            filled("sources", Shape::List(&SOURCE)),
            filled("revisions", TEXTS),
            filled("autoHealAttemptsCount", Shape::Integer),
        ]),
    ),
    filled(
        "initiatedBy",
        Shape::Struct(&[text("username"), flag("automated")]),
    ),
    filled("info", Shape::List(&NAME_AND_VALUE)),
    filled("retry", RETRY),
]);

const FORCE: Shape = Shape::Struct(&[flag("force")]);

/// What a template can say of an Application's metadata.
const METADATA: &[Field] = &[
    text("name"),
    text("namespace"),
    filled("labels", TEXT_MAP),
    filled("annotations", TEXT_MAP),
    filled("finalizers", TEXTS),
];

/// The `template` of an `ApplicationSet` or of a generator.
pub(crate) const TEMPLATE: Shape = Shape::Struct(&[
    filled("metadata", Shape::Struct(METADATA)),
    filled("spec", SPEC),
]);

/// What is made of a template, and what a `templatePatch` can patch.
pub(crate) const APPLICATION: Shape = Shape::Struct(&[
    text("kind"),
    text("apiVersion"),
    filled("metadata", Shape::Struct(METADATA)),
    filled("spec", SPEC),
    given("operation", OPERATION),
]);

/// Returns the Application that the controller would write: the parts that it copies, with what is
/// empty left out.
///
/// Source: `NormalizeApplicationSpec` in `util/argo/argo.go` and `createOrUpdateInCluster` in
/// `applicationset/controllers/applicationset_controller.go`.
pub(crate) fn written(application: Map<String, Value>) -> Value {
    let mut written = Map::new();
    written.insert("apiVersion".into(), json!("argoproj.io/v1alpha1"));
    written.insert("kind".into(), json!("Application"));
    for (key, mut value) in application {
        match key.as_str() {
            "spec" => normalize(&mut value),
            "metadata" | "operation" => {}
            _ => continue,
        }
        written.insert(key, value);
    }
    Value::Object(written)
}

fn normalize(spec: &mut Value) {
    let Some(spec) = spec.as_object_mut() else {
        return;
    };
    if spec.get("project").is_some_and(is_empty) {
        spec.insert("project".into(), json!("default"));
    }
    let policy = spec.get("syncPolicy").and_then(Value::as_object);
    if policy.is_some_and(Map::is_empty) {
        spec.remove("syncPolicy");
    }
    // Argo CD means to do so with each of several sources, but does it to copies of them.
    if spec
        .get("sources")
        .is_some_and(|sources| !is_empty(sources))
    {
        return;
    }
    if let Some(source) = spec.get_mut("source").and_then(Value::as_object_mut) {
        for (kind, ignored) in [("kustomize", IGNORED_IN_KUSTOMIZE), ("helm", &[])] {
            let options = source.get(kind).and_then(Value::as_object);
            if options.is_some_and(|options| says_nothing(options, ignored)) {
                source.remove(kind);
            }
        }
        normalize_directory(source);
    }
}

/// What does not count when Argo CD asks whether the options of Kustomize say anything.
const IGNORED_IN_KUSTOMIZE: &[&str] = &[
    "forceCommonLabels",
    "forceCommonAnnotations",
    "commonAnnotationsEnvsubst",
    "labelWithoutSelector",
    "labelIncludeTemplates",
];

fn says_nothing(options: &Map<String, Value>, ignored: &[&str]) -> bool {
    options.keys().all(|key| ignored.contains(&key.as_str()))
}

fn normalize_directory(source: &mut Map<String, Value>) {
    let Some(directory) = source.get("directory").and_then(Value::as_object) else {
        return;
    };
    let says = |key: &str| directory.get(key).is_some_and(|value| !is_empty(value));
    if !says("recurse") && !says("jsonnet") && !says("exclude") && !says("include") {
        source.remove("directory");
    }
}
