//! Documents that were parsed before: takes the texts of a chart's renderings, gives the documents
//! of those that are the same as the last time, never those of a text that differs in one byte.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use serde_json::Value as Json;

use crate::error::RenderError;
use crate::excerpt::Excerpt;
use crate::files::File;
use crate::manifest::{self, Document, Manifest};

/// The documents of one chart's files, each as it was rendered last.
///
/// Nothing is kept of the first rendering: most charts are rendered once.
#[derive(Debug, Default)]
pub(crate) struct KnownDocuments {
    was_rendered: AtomicBool,
    files: Mutex<BTreeMap<Arc<str>, KnownFile>>,
}

/// A rendered file with what it holds.
#[derive(Debug)]
struct KnownFile {
    text: Arc<String>,
    /// The template, by which the documents' lines were found.
    source: Option<Arc<str>>,
    documents: Vec<Document>,
}

impl KnownDocuments {
    /// Returns whether the chart was rendered before, and notes that it is now.
    pub(crate) fn was_rendered(&self) -> bool {
        self.was_rendered.swap(true, Ordering::Relaxed)
    }

    /// Returns the documents of a file of this name, template and text.
    pub(crate) fn of(
        &self,
        name: &str,
        source: Option<&Arc<str>>,
        text: &str,
    ) -> Option<Vec<Document>> {
        let files = self.files();
        let known = files.get(name)?;
        let same_source = match (&known.source, source) {
            (Some(known), Some(source)) => Arc::ptr_eq(known, source),
            (None, None) => true,
            _ => false,
        };
        (same_source && *known.text == text).then(|| known.documents.clone())
    }

    /// Keeps the documents of a file in place of those of its last text.
    pub(crate) fn keep(
        &self,
        name: &Arc<str>,
        source: Option<Arc<str>>,
        text: Arc<String>,
        documents: &[Document],
    ) {
        let known = KnownFile {
            text,
            source,
            documents: documents.to_vec(),
        };
        let previous = self.files().insert(Arc::clone(name), known);
        // Dropped only now, the lock being free again.
        drop(previous);
    }

    fn files(&self) -> MutexGuard<'_, BTreeMap<Arc<str>, KnownFile>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A file of `crds/`, which is the same in all renderings.
#[derive(Debug)]
pub(crate) struct CrdFile {
    /// The path within the chart.
    pub(crate) path: String,
    pub(crate) text: Arc<String>,
    was_parsed: AtomicBool,
    documents: OnceLock<Vec<CrdDocument>>,
}

/// A document of such a file.
#[derive(Debug)]
pub(crate) struct CrdDocument {
    pub(crate) line: u32,
    pub(crate) text: Excerpt,
    pub(crate) document: Arc<Json>,
}

impl CrdFile {
    pub(crate) fn new(file: &File) -> Self {
        Self {
            path: file.path.clone(),
            text: Arc::new(file.text().into_owned()),
            was_parsed: AtomicBool::new(false),
            documents: OnceLock::new(),
        }
    }

    /// Returns the documents; `template` names the file. They are kept from the second time on.
    pub(crate) fn manifests(&self, template: &Arc<str>) -> Result<Vec<Manifest>, RenderError> {
        let manifests = |documents: &[CrdDocument]| {
            let manifest = |document| manifest::of_crd(template, document);
            documents.iter().map(manifest).collect()
        };
        if let Some(documents) = self.documents.get() {
            return Ok(manifests(documents));
        }
        let documents = manifest::crds(template, &self.text)?;
        if !self.was_parsed.swap(true, Ordering::Relaxed) {
            return Ok(manifests(&documents));
        }
        Ok(manifests(self.documents.get_or_init(|| documents)))
    }
}
