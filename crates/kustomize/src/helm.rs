//! Charts within a kustomization: takes an entry of `helmCharts`, gives the resources that the
//! caller's engine renders, never fetches a chart and never runs Helm.

use std::path::Path;

use serde_json::Value;

use crate::definition::{Chart, Placed};
use crate::error::Error;
use crate::files::resolve;
use crate::loader::Loader;
use crate::outside::ChartRequest;
use crate::resource::{Resource, read_resources};

/// The folder of charts where none is given.
const HOME: &str = "charts";

/// Renders a chart.
pub(crate) fn render(
    loader: &Loader<'_>,
    chart: &Chart,
    home: &str,
) -> Result<Vec<Resource>, Error> {
    let fail = |message: String| Err(Error::failed(&chart.place, message));
    let Some(charts) = loader.session.tools.charts else {
        return Err(Error::Unsupported {
            place: chart.place.clone(),
            name: format!("the chart {} without --enable-helm", chart.name),
        });
    };
    if chart.name.is_empty() {
        return fail("a chart needs a name".to_owned());
    }
    if chart.name.starts_with('-') || chart.release_name.starts_with('-') {
        return fail("neither name nor releaseName of a chart may begin with -".to_owned());
    }
    if !matches!(
        chart.values_merge.as_str(),
        "" | "merge" | "override" | "replace"
    ) {
        return fail(format!(
            "valuesMerge {}: merge, override or replace is expected",
            chart.values_merge
        ));
    }
    let home = home_of(chart, home);
    let here = Placed {
        value: home.clone(),
        place: chart.place.clone(),
    };
    let text = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let mut request = ChartRequest {
        root: loader.root().map(Path::to_owned),
        home: loader.below(&here)?,
        name: chart.name.clone(),
        version: chart.version.clone(),
        repository: chart.repository.clone(),
        release_name: text(&chart.release_name),
        namespace: text(&chart.namespace),
        name_template: chart.name_template.clone(),
        values: Vec::new(),
        api_versions: chart.api_versions.clone(),
        kube_version: chart.kube_version.clone(),
        include_definitions: chart.include_definitions,
        skip_hooks: chart.skip_hooks,
        skip_tests: chart.skip_tests,
    };
    request.values = values(loader, chart, &home, || match charts.own_values(&request) {
        Ok(values) => Ok(values),
        Err(message) => fail(format!("the chart {}: {message}", chart.name)).map(|_: Vec<_>| None),
    })?;
    let rendered = match charts.render(&request) {
        Ok(rendered) => rendered,
        Err(message) => return fail(format!("the chart {}: {message}", chart.name)),
    };
    let folder = resolve(&request.home, &chart.name).unwrap_or_default();
    let mut resources = read_resources(&loader.named(&folder), &rendered)?;
    for resource in &mut resources {
        resource.place = chart.place.clone();
        resource.from_chart = true;
    }
    Ok(resources)
}

/// Returns the folder that has a chart's folder.
fn home_of(chart: &Chart, home: &str) -> String {
    let home = if home.is_empty() { HOME } else { home };
    if chart.version.is_empty() || chart.repository.is_empty() {
        return home.to_owned();
    }
    // A chart that Kustomize has fetched is in a folder of its version.
    format!("{home}/{}-{}", chart.name, chart.version)
}

/// Tells whether a chart has to be fetched: it is in no folder, and has a repository.
pub(crate) fn is_remote(loader: &Loader<'_>, chart: &Chart, home: &str) -> bool {
    let folder = Placed {
        value: format!("{}/{}", home_of(chart, home), chart.name),
        place: chart.place.clone(),
    };
    !chart.repository.is_empty() && !loader.is_directory(&folder)
}

/// Returns the files of values; `fetched` are those of a chart that is in no folder.
fn values(
    loader: &Loader<'_>,
    chart: &Chart,
    home: &str,
    fetched: impl Fn() -> Result<Option<String>, Error>,
) -> Result<Vec<(String, String)>, Error> {
    let text_of = |own: &Placed<String>| {
        if chart.values_file.value.is_empty()
            && let Some(text) = fetched()?
        {
            return Ok(text);
        }
        loader.text(own)
    };
    let own = if chart.values_file.value.is_empty() {
        Placed {
            value: format!("{home}/{}/values.yaml", chart.name),
            place: chart.place.clone(),
        }
    } else {
        chart.values_file.clone()
    };
    let inline = chart
        .values_inline
        .as_ref()
        .filter(|inline| inline.as_object().is_some_and(|map| !map.is_empty()));
    let mut files = Vec::new();
    let first = match inline {
        None => text_of(&own)?,
        Some(inline) if chart.values_merge == "replace" => written(chart, inline)?,
        Some(inline) => {
            let text = text_of(&own)?;
            // Kustomize reads them otherwise than Helm would: `y` stays a text.
            let documents = goyaml::parse_stream_as(&text, goyaml::Flavour::V3)
                .map_err(|error| Error::yaml(&loader.name_of(&own), &error))?;
            let first = documents.into_iter().next();
            let file = first.map_or(Value::Null, goyaml::Node::into_json);
            let merged = if chart.values_merge == "merge" {
                merge(inline.clone(), file)
            } else {
                merge(file, inline.clone())
            };
            written(chart, &merged)?
        }
    };
    files.push((own.value.clone(), first));
    for path in &chart.additional_values_files {
        files.push((path.value.clone(), loader.text(path)?));
    }
    Ok(files)
}

fn written(chart: &Chart, values: &Value) -> Result<String, Error> {
    goyaml::to_string(values).map_err(|error| Error::failed(&chart.place, error.to_string()))
}

/// Puts values above others: maps go together, a null takes a value away.
fn merge(base: Value, above: Value) -> Value {
    match (base, above) {
        (Value::Object(mut base), Value::Object(above)) => {
            for (key, value) in above {
                if value.is_null() {
                    base.remove(&key);
                    continue;
                }
                let old = base.remove(&key).unwrap_or(Value::Null);
                base.insert(key, merge(old, value));
            }
            Value::Object(base)
        }
        (_, above) => above,
    }
}
