//! Charts: takes `helmCharts`, `helmGlobals` and their older form, gives what is to be rendered,
//! never opens a chart.

use goyaml::Node;
use serde_json::Value;

use super::fields::{Fields, From, Placed};
use crate::error::{Error, Place};

/// What holds for all charts.
#[derive(Debug, Clone, Default)]
pub(crate) struct HelmGlobals {
    /// The folder of the charts.
    pub(crate) chart_home: String,
}

/// A chart to render.
#[derive(Debug, Clone)]
pub(crate) struct Chart {
    /// Where it is asked for.
    pub(crate) place: Place,
    /// The chart's name: the name of its folder.
    pub(crate) name: String,
    /// The version, or empty.
    pub(crate) version: String,
    /// The repository that it would be fetched from, or empty.
    pub(crate) repository: String,
    /// The name of the release, or empty.
    pub(crate) release_name: String,
    /// The namespace, or empty.
    pub(crate) namespace: String,
    /// More files of values.
    pub(crate) additional_values_files: Vec<Placed<String>>,
    /// The file of values, or empty for the chart's own.
    pub(crate) values_file: Placed<String>,
    /// Values.
    pub(crate) values_inline: Option<Value>,
    /// How the two go together: `merge`, `override`, `replace`, or empty.
    pub(crate) values_merge: String,
    /// Custom resource definitions are rendered too.
    pub(crate) include_definitions: bool,
    /// Hooks are left out.
    pub(crate) skip_hooks: bool,
    /// Tests are left out.
    pub(crate) skip_tests: bool,
    /// API versions that the cluster has.
    pub(crate) api_versions: Vec<String>,
    /// The version of Kubernetes, or empty.
    pub(crate) kube_version: String,
    /// A template of the release's name, or empty.
    pub(crate) name_template: String,
}

/// The fields of a chart.
const KNOWN: [&str; 17] = [
    "name",
    "version",
    "repo",
    "releaseName",
    "namespace",
    "additionalValuesFiles",
    "valuesFile",
    "valuesInline",
    "valuesMerge",
    "includeCRDs",
    "skipHooks",
    "skipTests",
    "apiVersions",
    "kubeVersion",
    "nameTemplate",
    "debug",
    "devel",
];

/// The fields of the older form.
const OLD: [&str; 13] = [
    "chartName",
    "chartVersion",
    "chartRepoUrl",
    "chartHome",
    "chartRepoName",
    "helmBin",
    "helmHome",
    "values",
    "valuesLocal",
    "valuesMerge",
    "releaseName",
    "releaseNamespace",
    "extraArgs",
];

/// Reads the charts of a kustomization, in either form.
pub(crate) fn read_charts(fields: &Fields<'_>) -> Result<(HelmGlobals, Vec<Chart>), Error> {
    let mut globals = HelmGlobals::default();
    let given = fields.inner("helmGlobals", &["chartHome", "configHome"])?;
    if let Some(given) = &given {
        globals.chart_home = given.text("chartHome")?;
    }
    let mut charts = fields.each("helmCharts", read_chart)?;
    for (home, chart) in fields.each("helmChartInflationGenerator", read_old_chart)? {
        if given.is_none() && !home.is_empty() {
            globals.chart_home = home;
        }
        charts.push(chart);
    }
    Ok((globals, charts))
}

/// Reads a chart.
pub(crate) fn read_chart(from: From<'_>, node: &Node) -> Result<Chart, Error> {
    let fields = Fields::new(from, node, &KNOWN, &[])?;
    let values = |placed: Vec<Placed<String>>| placed.into_iter().map(|it| it.value).collect();
    Ok(Chart {
        place: fields.place_of(node),
        name: fields.text("name")?,
        version: fields.text("version")?,
        repository: fields.text("repo")?,
        release_name: fields.text("releaseName")?,
        namespace: fields.text("namespace")?,
        additional_values_files: fields.texts("additionalValuesFiles")?,
        values_file: fields.placed("valuesFile")?,
        values_inline: fields.node("valuesInline").map(Node::to_json),
        values_merge: fields.text("valuesMerge")?,
        include_definitions: fields.flag("includeCRDs")?,
        skip_hooks: fields.flag("skipHooks")?,
        skip_tests: fields.flag("skipTests")?,
        api_versions: values(fields.texts("apiVersions")?),
        kube_version: fields.text("kubeVersion")?,
        name_template: fields.text("nameTemplate")?,
    })
}

/// Reads a chart in the older form, with the folder of charts.
fn read_old_chart(from: From<'_>, node: &Node) -> Result<(String, Chart), Error> {
    let fields = Fields::new(from, node, &OLD, &[])?;
    let chart = Chart {
        place: fields.place_of(node),
        name: fields.text("chartName")?,
        version: fields.text("chartVersion")?,
        repository: fields.text("chartRepoUrl")?,
        release_name: fields.text("releaseName")?,
        namespace: String::new(),
        additional_values_files: Vec::new(),
        values_file: fields.placed("values")?,
        values_inline: fields.node("valuesLocal").map(Node::to_json),
        values_merge: fields.text("valuesMerge")?,
        include_definitions: false,
        skip_hooks: false,
        skip_tests: false,
        api_versions: Vec::new(),
        kube_version: String::new(),
        name_template: String::new(),
    };
    Ok((fields.text("chartHome")?, chart))
}
