//! Where broken output comes from: takes a chart, values and what is wrong with the text that they
//! gave, adds the place in the templates; renders the file once more, so only after a failure.

use std::sync::Arc;

use gotemplate::Place;

use crate::actions;
use crate::capabilities::Capabilities;
use crate::chart::Chart;
use crate::encoding;
use crate::error::{DocumentError, DocumentPlace, RenderError};
use crate::options::{ReleaseOptions, RenderOptions};
use crate::render::Prepared;
use crate::values::Values;

/// Adds to an error about the text of a template where in the templates that text comes from. Other
/// errors stay as they are, and so does one about text that is another each time.
pub fn locate(
    chart: &Chart,
    release: &ReleaseOptions,
    values: &Values,
    capabilities: &Capabilities,
    options: &RenderOptions,
    error: RenderError,
) -> RenderError {
    let RenderError::Document(mut error) = error else {
        return error;
    };
    if let Ok(prepared) = Prepared::new(chart, release, values, capabilities, options) {
        error.place = place(&prepared, values, options, &error).map(Box::new);
    }
    RenderError::Document(error)
}

fn place(
    prepared: &Prepared,
    values: &Values,
    options: &RenderOptions,
    error: &DocumentError,
) -> Option<DocumentPlace> {
    let trace = prepared.traced(&error.template, options)?;
    let line = trace.line(error.line)?;
    let same = |line: &str| line.replace("<no value>", "").trim() == error.text.trim();
    if !same(&line) && !same(&encoding::shown(&line)) {
        return None;
    }
    // Documents are trimmed before they are read: what begins one has lost its indentation.
    let lost = line
        .chars()
        .count()
        .saturating_sub(error.text.chars().count());
    let lost = u32::try_from(lost).unwrap_or(0);
    let column = if error.column == 0 {
        line.chars()
            .take_while(|letter| letter.is_whitespace())
            .count()
            + 1
    } else {
        error.column as usize + lost as usize
    };
    let column = u32::try_from(column).unwrap_or(1);
    let unindented = trace.unindented(error.line, column);
    let is_unindented = unindented.is_some();
    let way = match unindented {
        Some(place) => vec![place],
        None => trace.places(error.line, column),
    };
    let (own, way) = way.split_first()?;
    let mut found = DocumentPlace {
        template: own.template.to_string(),
        line: own.line,
        column: own.column,
        length: 0,
        is_unindented,
        action: (!own.context.is_empty()).then(|| own.context.clone()),
        shown: trace.masked(error.line, "…").unwrap_or_default(),
        way: way.to_vec(),
        values: Vec::new(),
    };
    whole(&mut found, prepared.text(&own.template));
    let actions = std::iter::once(own).chain(way);
    let actions: Vec<&str> = actions.map(|one: &Place| one.context.as_str()).collect();
    found.values = prepared.values_in(values, &actions.join("\n"), &error.template);
    Some(found)
}

/// Makes the place that of a whole action with its delimiters, or of a word of text.
fn whole(found: &mut DocumentPlace, text: Option<Arc<str>>) {
    let Some(text) = text else {
        return;
    };
    let Some(offset) = actions::offset_of(&text, found.line, found.column) else {
        return;
    };
    let count = |part: &str| u32::try_from(part.chars().count()).unwrap_or(0);
    if found.action.is_none() {
        if text[offset..].starts_with('\t') {
            found.length = 1;
            return;
        }
        let (line_start, line) = actions::line_at(&text, offset);
        let begin = line_start + line.len() - line.trim_start().len();
        // What stands in the line before the text may be an action, which is not meant.
        let begin = text[begin..offset.max(begin)]
            .rfind("}}")
            .map_or(begin, |at| begin + at + 2);
        let rest = text[begin..].split('\n').next().unwrap_or_default();
        (found.line, found.column) = actions::position(&text, begin);
        found.length = count(rest.split("{{").next().unwrap_or_default().trim_end()).max(1);
        return;
    }
    let Some(begin) = text[..offset].rfind("{{") else {
        return;
    };
    let line = text[begin..].split('\n').next().unwrap_or_default();
    (found.line, found.column) = actions::position(&text, begin);
    found.length = count(line.split_inclusive("}}").next().unwrap_or_default());
}
