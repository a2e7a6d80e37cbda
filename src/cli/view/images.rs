//! Images as text: by image, and below each what needs it; or as lines for other programs.

use std::fmt::Write;

use crate::cli::arguments::Verbosity;
use crate::images::{Image, Use};
use crate::ops::Images;

use super::findings;
use super::words::{FAINT, STRONG, count};

/// Returns the images of an environment.
pub(in crate::cli) fn images(environment: &str, found: &Images, verbosity: Verbosity) -> String {
    let inventory = &found.inventory;
    let mut text = format!(
        "{STRONG}{environment}{STRONG:#}: {} of {}\n",
        count(inventory.images.len(), "image", "images"),
        count(found.services.len(), "service", "services"),
    );
    let columns = Columns::of(inventory.images.iter().chain(&inventory.mentioned));
    text.push_str(&columns.blocks(&inventory.images));
    if !inventory.mentioned.is_empty() {
        let _ = writeln!(
            text,
            "\n{} more told to programs, which alone know whether they are pulled",
            count(inventory.mentioned.len(), "image", "images"),
        );
        text.push_str(&columns.blocks(&inventory.mentioned));
    }
    if verbosity != Verbosity::Quiet {
        if !inventory.findings.is_empty() {
            let _ = write!(text, "\n{}", findings::list(&inventory.findings));
        }
        let _ = writeln!(text, "\n{}", findings::summary(&inventory.findings));
    }
    text
}

/// Returns names, each once and on a line of its own.
pub(in crate::cli) fn names(images: &[&Image]) -> String {
    images.iter().fold(String::new(), |mut text, image| {
        let _ = writeln!(text, "{}", image.name);
        text
    })
}

/// Returns one line for each use, with tabs between its parts.
pub(in crate::cli) fn lines(images: &[&Image]) -> String {
    let mut text = String::new();
    for image in images {
        for one in &image.uses {
            let id = &one.object;
            let namespace = id.namespace.as_ref().map(|name| format!("{name}/"));
            let _ = writeln!(
                text,
                "{}\t{}\t{}\t{}{}\t{}\t{}",
                image.name,
                one.service,
                id.kind,
                namespace.unwrap_or_default(),
                id.name,
                one.field,
                one.source
            );
        }
    }
    text
}

/// The widths that the uses of all images share.
struct Columns {
    service: usize,
    object: usize,
    field: usize,
}

impl Columns {
    fn of<'i>(images: impl Iterator<Item = &'i Image>) -> Self {
        let mut columns = Self {
            service: 0,
            object: 0,
            field: 0,
        };
        for one in images.flat_map(|image| &image.uses) {
            columns.service = columns.service.max(one.service.len());
            columns.object = columns.object.max(one.object.to_string().len());
            columns.field = columns.field.max(one.field.len());
        }
        columns
    }

    fn blocks(&self, images: &[Image]) -> String {
        let mut text = String::new();
        for image in images {
            let _ = writeln!(text, "\n{STRONG}{}{STRONG:#}", image.name);
            for one in &image.uses {
                text.push_str(&self.line(one));
            }
        }
        text
    }

    fn line(&self, one: &Use) -> String {
        format!(
            "  {:service$}  {:object$}  {:field$}  {FAINT}{}{FAINT:#}\n",
            one.service,
            one.object.to_string(),
            one.field,
            one.source,
            service = self.service,
            object = self.object,
            field = self.field,
        )
    }
}
