//! What a chart says about itself: takes a chart, gives what `helm show` prints, never renders.

use chart::{Chart, File};

use super::error::ChartError;
use super::reference::ChartReference;

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShownPart {
    /// Everything.
    All,
    /// `Chart.yaml`.
    Chart,
    /// `values.yaml`.
    Values,
    /// The file README.
    Readme,
    /// The files of `crds/`, also of charts below.
    Crds,
}

/// Returns what a chart says about itself.
pub fn show(reference: &ChartReference, part: ShownPart) -> Result<String, ChartError> {
    let chart = reference.locate()?.load()?;
    let all = part == ShownPart::All;
    let wanted = |one: ShownPart| all || part == one;
    let mut text = String::new();
    let mut add = |separated: bool, content: &str| {
        if separated {
            text.push_str("---\n");
        }
        text.push_str(content);
        text.push('\n');
    };
    if wanted(ShownPart::Chart) {
        add(false, &chart.metadata.to_yaml());
    }
    if let Some(values) = chart.values_text().filter(|_| wanted(ShownPart::Values)) {
        add(all, values);
    }
    if let Some(readme) = readme(&chart).filter(|_| wanted(ShownPart::Readme)) {
        add(all, &readme.text());
    }
    if wanted(ShownPart::Crds) {
        for file in definitions(&chart) {
            let content = file.text();
            add(!content.starts_with("---"), &content);
        }
    }
    Ok(text)
}

fn readme(chart: &Chart) -> Option<&File> {
    let names = ["readme.md", "readme.txt", "readme"];
    chart.files().iter().find(|file| {
        names
            .iter()
            .any(|name| file.path.eq_ignore_ascii_case(name))
    })
}

fn definitions(chart: &Chart) -> Vec<&File> {
    let below = chart.subcharts.iter().flat_map(definitions);
    chart.crds().chain(below).collect()
}
