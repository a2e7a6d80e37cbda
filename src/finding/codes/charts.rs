//! What is wrong with one chart by the rules of `helm lint`: docs/chart.md says more.

super::codes! {
    NO_CHART = "no-chart", [Error] {
        title: "there is no chart",
        why: "A chart is a directory or an archive with a Chart.yaml.",
        mend: "name the directory that has the Chart.yaml",
    }
    CHART_NOT_LOADABLE = "chart-not-loadable", [Error] {
        title: "a file of a chart, or of a chart below it, cannot be read",
        why: "Helm loads a chart with all that is in it before it renders anything.",
        mend: "the message names the file",
    }
    CHART_FILE = "chart-file", [Error] {
        title: "Chart.yaml is no file, no YAML, or a field has a type that cannot be converted",
        why: "Without it there is no chart.",
        mend: "the message names the field",
    }
    DUPLICATE_KEY = "duplicate-key", [Warning] {
        title: "Chart.yaml has a key twice",
        why: "The last one wins; strict readers refuse the file.",
        mend: "keep one of them",
    }
    UNKNOWN_FIELD = "unknown-field", [Warning] {
        title: "Chart.yaml has a key that a chart does not have",
        why: "It is ignored, so that a misspelt key has no effect.",
        mend: "mend the spelling, or move it to `annotations`",
    }
    CHART_NAME = "chart-name", [Error] {
        title: "the name of a chart is missing or malformed",
        why: "The name becomes part of object names and of the archive's name.",
        mend: "write lower-case letters, digits and dashes",
    }
    CHART_API_VERSION = "chart-api-version", [Error] {
        title: "the apiVersion of a chart is missing or malformed",
        why: "Helm reads v1 and v2.",
        mend: "write `apiVersion: v2`",
    }
    CHART_MAINTAINER = "chart-maintainer", [Error] {
        title: "a maintainer of a chart has no name, or a malformed address",
        why: "Helm refuses to lint such a chart.",
        mend: "give each maintainer a `name`",
    }
    CHART_SOURCE = "chart-source", [Error] {
        title: "a source of a chart is no address",
        why: "`sources` is a list of URLs.",
        mend: "write a URL",
    }
    CHART_FIELD_TYPE = "chart-field-type", [Error] {
        title: "a field of Chart.yaml is no text",
        why: "A version such as 1.10 without quotes is a number, and becomes 1.1.",
        mend: "put quotes around it",
    }
    CHART_VERSION = "chart-version", [Error, Warning] {
        title: "a chart has no version; warning where it is not all of a semantic version",
        why: "Repositories and dependencies go by the version.",
        mend: "write a version such as 1.2.3",
    }
    CHART_ICON = "chart-icon", [Info, Error] {
        title: "a chart has no icon; error where it is no address",
        why: "Catalogues show it.",
        mend: "write a URL",
    }
    CHART_TYPE = "chart-type", [Error] {
        title: "a chart of apiVersion v1 has a type",
        why: "Only charts of apiVersion v2 have one.",
        mend: "write `apiVersion: v2`",
    }
    CHART_DEPENDENCIES = "chart-dependencies", [Error] {
        title: "a chart of apiVersion v1 has dependencies in Chart.yaml",
        why: "Charts of apiVersion v1 have them in requirements.yaml; these are ignored.",
        mend: "write `apiVersion: v2`",
    }
    VALUES_FILE = "values-file", [Info, Error] {
        title: "a chart has no values.yaml; error where it is no YAML",
        why: "What can be set is documented there.",
        mend: "write one",
    }
    VALUES_BREAK_SCHEMA = "values-break-schema", [Error] {
        title: "values do not meet values.schema.json",
        why: "Helm refuses to render with such values.",
        mend: "the message names the value and what is expected",
    }
    CHART_SCHEMA = "schema", [Error] {
        title: "values.schema.json cannot be used",
        why: "Helm refuses to render a chart whose schema is malformed.",
        mend: "the message says what is wrong with it",
    }
    TEMPLATES_DIRECTORY = "templates-directory", [Warning, Error] {
        title: "a chart has no templates; error where templates is no directory",
        why: "Nothing would be installed but what its dependencies bring.",
        mend: "make the directory templates",
    }
    CRDS_DIRECTORY = "crds-directory", [Warning, Error] {
        title: "crds is no directory",
        why: "Helm reads definitions from the directory crds.",
        mend: "make it a directory",
    }
    TEMPLATE_EXTENSION = "template-extension", [Error] {
        title: "a template has another ending than .yaml, .yml, .tpl and .txt",
        why: "Helm refuses to lint such a chart.",
        mend: "rename the file",
    }
    TEMPLATE_FAILS = "template-fails", [Error] {
        title: "a template cannot be parsed, or fails",
        why: "The chart cannot be rendered. `required` and `fail` let everything pass here.",
        mend: "the message names line and column",
    }
    INDENTED_DOCUMENT = "indented-document", [Warning] {
        title: "what a template gives begins with an indented line",
        why: "Mostly a template is meant to be at the beginning of the line.",
        mend: "trim the white space",
    }
    INVALID_YAML = "invalid-yaml", [Error] {
        title: "what a template gives, or a file of crds/, is no YAML",
        why: "It cannot be written to a cluster.",
        mend: "the message names the line",
    }
    OBJECT_NAME = "object-name", [Warning] {
        title: "an object has a name that its kind cannot have",
        why: "The API server will refuse it.",
        mend: "write lower-case letters, digits and dashes",
    }
    DEPRECATED_VERSION = "deprecated-version", [Warning] {
        title: "a version of Kubernetes' own kinds that is on its way out",
        why: "A later Kubernetes will not serve it.",
        mend: "use the version that the message names",
    }
    NO_SELECTOR = "no-selector", [Error] {
        title: "a workload without matchLabels and matchExpressions",
        why: "The API server refuses it.",
        mend: "write a selector that matches the labels of the template",
    }
    IGNORED_ANNOTATION = "ignored-annotation", [Error] {
        title: "a resource policy within a List",
        why: "Helm reads `helm.sh/resource-policy` only on objects themselves.",
        mend: "write the objects as documents of their own",
    }
    UNDECLARED_DEPENDENCY = "undeclared-dependency", [Error] {
        title: "a chart in charts/ that Chart.yaml does not name",
        why: "It is rendered all the same.",
        mend: "name it under `dependencies`, or remove it",
    }
    MISSING_DEPENDENCY = "missing-dependency", [Warning] {
        title: "a dependency that is not in charts/",
        why: "Helm refuses to render the chart until it is there.",
        mend: "run `firstlight chart dependency update`",
    }
    NO_DEFINITION = "no-definition", [Error] {
        title: "a file of crds/ with something else than a CustomResourceDefinition",
        why: "Helm installs what is in crds/ before anything else, and never changes it again.",
        mend: "move the object to templates/",
    }
}
