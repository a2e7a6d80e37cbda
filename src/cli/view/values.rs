//! The values of a service as a tree: each with the place that sets it, and below it what that place
//! went over.

use std::fmt::Write;

use crate::catalog::{LayerKind, ValueOrigin};
use crate::ops::ServiceValues;

use super::review::shown;
use super::words::{FAINT, STRONG};

/// Wider trees push their places further to the right.
const WIDEST: usize = 72;

/// Returns the tree.
pub(in crate::cli) fn values(values: &ServiceValues) -> String {
    let mut text = String::new();
    for chart in &values.charts {
        if values.charts.len() > 1 {
            let _ = writeln!(text, "{STRONG}{}{STRONG:#}", chart.chart);
        }
        let rows: Vec<Row> = rows(&chart.values);
        let width = rows.iter().filter(|row| !row.place.is_empty());
        let width = width.map(|row| row.left.chars().count()).max().unwrap_or(0);
        for row in rows {
            let width = width.min(WIDEST);
            let left = format!("{:width$}", row.left);
            let line = match (row.place.is_empty(), row.faint) {
                (true, _) => row.left.clone(),
                (_, true) => format!("{FAINT}{left}  {}{FAINT:#}", row.place),
                (_, false) => format!("{left}  {FAINT}{}{FAINT:#}", row.place),
            };
            let _ = writeln!(text, "{line}");
        }
    }
    text
}

struct Row {
    left: String,
    place: String,
    faint: bool,
}

fn rows(values: &[ValueOrigin]) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut before: &[String] = &[];
    for value in values {
        let Some((last, above)) = value.path.split_last() else {
            continue;
        };
        let common = above.iter().zip(before).take_while(|(a, b)| a == b).count();
        for (depth, key) in above.iter().enumerate().skip(common) {
            rows.push(Row {
                left: format!("{}{key}:", "  ".repeat(depth)),
                place: String::new(),
                faint: false,
            });
        }
        before = &value.path;
        let indent = "  ".repeat(above.len());
        rows.push(Row {
            left: format!("{indent}{last}: {}", shown(&value.value, false)),
            place: place(value.layer, &value.source.to_string()),
            faint: false,
        });
        for via in &value.via {
            rows.push(Row {
                left: format!(
                    "{indent}    from {}: {}",
                    via.path,
                    shown(&via.value, false)
                ),
                place: via.source.to_string(),
                faint: true,
            });
        }
        for over in &value.over {
            let path = if over.path == value.path {
                String::new()
            } else {
                format!("{}: ", over.path.join("."))
            };
            rows.push(Row {
                left: format!("{indent}    over {path}{}", shown(&over.value, false)),
                place: place(over.layer, &over.source.to_string()),
                faint: true,
            });
        }
    }
    rows
}

fn place(layer: LayerKind, source: &str) -> String {
    match layer {
        LayerKind::Inline => format!("{source} (values of the Application)"),
        LayerKind::Parameter => format!("{source} (parameter)"),
        LayerKind::SubchartDefault
        | LayerKind::ChartDefault
        | LayerKind::ValueFile
        | LayerKind::FileParameter => source.to_owned(),
    }
}
