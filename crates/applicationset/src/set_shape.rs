//! The `ApplicationSet` itself: the fields that its generators, strategies and policies know.
//!
//! Source: Argo CD 3.2, `pkg/apis/application/v1alpha1/applicationset_types.go`, fields in the order
//! of the types. What providers of repositories are told is kept as it is: it is for their services.

use crate::application::TEMPLATE;
use crate::shape::{Field, Shape, TEXT_MAP, TEXTS, always, filled, flag, given, text};

/// The `selector` of a generator.
pub(crate) const SELECTOR: Shape = Shape::Struct(&[
    filled("matchLabels", TEXT_MAP),
    filled("matchExpressions", Shape::List(&EXPRESSION)),
]);

const EXPRESSION: Shape = Shape::Struct(&[
    always("key", Shape::Text),
    always("operator", Shape::Text),
    filled("values", TEXTS),
]);

const SELECTOR_FIELD: Field = given("selector", SELECTOR);

const TEMPLATE_FIELD: Field = filled("template", TEMPLATE);
const VALUES_FIELD: Field = filled("values", TEXT_MAP);
const REQUEUE_FIELD: Field = given("requeueAfterSeconds", Shape::Integer);

const LIST: Field = given(
    "list",
    Shape::Struct(&[
        filled("elements", Shape::List(&Shape::Any)),
        TEMPLATE_FIELD,
        text("elementsYaml"),
    ]),
);

const CLUSTERS: Field = given(
    "clusters",
    Shape::Struct(&[
        filled("selector", SELECTOR),
        TEMPLATE_FIELD,
        VALUES_FIELD,
        flag("flatList"),
    ]),
);

const PATHS: Shape = Shape::List(&Shape::Struct(&[
    always("path", Shape::Text),
    flag("exclude"),
]));

const GIT: Field = given(
    "git",
    Shape::Struct(&[
        always("repoURL", Shape::Text),
        filled("directories", PATHS),
        filled("files", PATHS),
        always("revision", Shape::Text),
        REQUEUE_FIELD,
        TEMPLATE_FIELD,
        text("pathParamPrefix"),
        VALUES_FIELD,
    ]),
);

const SCM_PROVIDER: Field = given(
    "scmProvider",
    Shape::Struct(&[
        given("github", Shape::Any),
        given("gitlab", Shape::Any),
        given("bitbucket", Shape::Any),
        given("bitbucketServer", Shape::Any),
        given("gitea", Shape::Any),
        given("azureDevOps", Shape::Any),
        filled("filters", Shape::Any),
        text("cloneProtocol"),
        REQUEUE_FIELD,
        TEMPLATE_FIELD,
        VALUES_FIELD,
        given("awsCodeCommit", Shape::Any),
    ]),
);

const CLUSTER_DECISION_RESOURCE: Field = given(
    "clusterDecisionResource",
    Shape::Struct(&[
        always("configMapRef", Shape::Text),
        text("name"),
        REQUEUE_FIELD,
        filled("labelSelector", SELECTOR),
        TEMPLATE_FIELD,
        VALUES_FIELD,
    ]),
);

const PULL_REQUEST: Field = given(
    "pullRequest",
    Shape::Struct(&[
        given("github", Shape::Any),
        given("gitlab", Shape::Any),
        given("gitea", Shape::Any),
        given("bitbucketServer", Shape::Any),
        filled("filters", Shape::Any),
        REQUEUE_FIELD,
        TEMPLATE_FIELD,
        given("bitbucket", Shape::Any),
        given("azuredevops", Shape::Any),
        VALUES_FIELD,
        flag("continueOnRepoNotFoundError"),
    ]),
);

const PLUGIN: Field = given(
    "plugin",
    Shape::Struct(&[
        always(
            "configMapRef",
            Shape::Struct(&[always("name", Shape::Text)]),
        ),
        filled(
            "input",
            Shape::Struct(&[filled("parameters", Shape::Map(&Shape::Any))]),
        ),
        REQUEUE_FIELD,
        TEMPLATE_FIELD,
        VALUES_FIELD,
    ]),
);

/// A generator at the top.
pub(crate) const GENERATOR: Shape = Shape::Struct(&[
    LIST,
    CLUSTERS,
    GIT,
    SCM_PROVIDER,
    CLUSTER_DECISION_RESOURCE,
    PULL_REQUEST,
    given(
        "matrix",
        Shape::Struct(&[always("generators", Shape::List(&NESTED)), TEMPLATE_FIELD]),
    ),
    given(
        "merge",
        Shape::Struct(&[
            always("generators", Shape::List(&NESTED)),
            always("mergeKeys", TEXTS),
            TEMPLATE_FIELD,
        ]),
    ),
    SELECTOR_FIELD,
    PLUGIN,
]);

/// A generator within a matrix or a merge.
const NESTED: Shape = Shape::Struct(&[
    LIST,
    CLUSTERS,
    GIT,
    SCM_PROVIDER,
    CLUSTER_DECISION_RESOURCE,
    PULL_REQUEST,
    given(
        "matrix",
        Shape::Struct(&[always("generators", Shape::List(&TERMINAL))]),
    ),
    given(
        "merge",
        Shape::Struct(&[
            always("generators", Shape::List(&TERMINAL)),
            always("mergeKeys", TEXTS),
        ]),
    ),
    SELECTOR_FIELD,
    PLUGIN,
]);

/// A generator within a nested matrix or merge: no further nesting.
const TERMINAL: Shape = Shape::Struct(&[
    LIST,
    CLUSTERS,
    GIT,
    SCM_PROVIDER,
    CLUSTER_DECISION_RESOURCE,
    PULL_REQUEST,
    PLUGIN,
    SELECTOR_FIELD,
]);

const STRATEGY: Shape = Shape::Struct(&[
    text("type"),
    given(
        "rollingSync",
        Shape::Struct(&[filled(
            "steps",
            Shape::List(&Shape::Struct(&[
                filled(
                    "matchExpressions",
                    Shape::List(&Shape::Struct(&[
                        text("key"),
                        text("operator"),
                        filled("values", TEXTS),
                    ])),
                ),
                given("maxUpdate", Shape::Either),
            ])),
        )]),
    ),
    text("deletionOrder"),
]);

/// The `spec`.
pub(crate) const SPEC: Shape = Shape::Struct(&[
    flag("goTemplate"),
    always("generators", Shape::List(&GENERATOR)),
    always("template", TEMPLATE),
    given(
        "syncPolicy",
        Shape::Struct(&[
            flag("preserveResourcesOnDeletion"),
            given("applicationsSync", Shape::Text),
        ]),
    ),
    given("strategy", STRATEGY),
    given(
        "preservedFields",
        Shape::Struct(&[filled("annotations", TEXTS), filled("labels", TEXTS)]),
    ),
    filled("goTemplateOptions", TEXTS),
    flag("applyNestedSelectors"),
    filled(
        "ignoreApplicationDifferences",
        Shape::List(&Shape::Struct(&[
            text("name"),
            filled("jsonPointers", TEXTS),
            filled("jqPathExpressions", TEXTS),
        ])),
    ),
    given("templatePatch", Shape::Text),
]);
