//! Whole charts: takes files, gives them to the loader, and renders what could be loaded.

use chart::{Chart, File, Values};

/// Files as path and content in turn; a first part that is empty stands for the usual
/// `Chart.yaml`.
pub(crate) fn run(input: &[u8]) {
    let mut parts = crate::parts(input);
    let mut files = Vec::new();
    while let (Some(path), Some(content)) = (parts.next(), parts.next()) {
        let path = if path.is_empty() {
            "Chart.yaml"
        } else {
            &*path
        };
        files.push(File {
            path: path.to_owned(),
            data: content.as_bytes().to_owned(),
        });
    }
    if let Ok(chart) = Chart::from_files(files) {
        crate::template::render(&chart, &Values::new());
    }
}
