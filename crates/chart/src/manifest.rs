//! What rendering gives: takes rendered texts, gives documents with their places, hooks and order,
//! never renders.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::context::Nondeterministic;
use crate::encoding;
use crate::error::{DocumentError, RenderError, chart_of};
use crate::excerpt::Excerpt;
use crate::known_documents::{CrdDocument, KnownDocuments};

/// What rendering a chart gave.
#[derive(Debug, Clone, Default)]
pub struct Rendered {
    /// The documents in the order in which `helm template` prints them: `crds/`, then by kind,
    /// then hooks by kind.
    pub manifests: Vec<Manifest>,
    /// The rendered `NOTES.txt` of the chart.
    pub notes: String,
    /// Calls whose results differ from rendering to rendering.
    pub nondeterministic: Vec<Nondeterministic>,
}

/// One document.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// The text.
    pub text: Excerpt,
    /// The content; renderings of one chart share what is the same in them.
    pub document: Arc<Json>,
    /// The file it comes from, such as `chart/templates/service.yaml`.
    pub template: Arc<str>,
    /// The line where it begins in the rendered file, counted from 1.
    pub line: u32,
    /// The line where it seems to begin in the template itself, counted from 1, where that can be
    /// told from its text.
    pub template_line: Option<u32>,
    /// The position of its kind in Helm's order of installation; unknown kinds come last.
    pub order: usize,
    /// Whether it comes from `crds/`.
    pub from_crds: bool,
    /// How it is run, where it is a hook.
    pub hook: Option<Hook>,
}

/// The hook annotations of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// When it is run, such as `pre-install` or `test`.
    pub events: Vec<String>,
    /// Hooks of less weight run first.
    pub weight: i64,
    /// When it is deleted, such as `hook-succeeded`; empty where nothing is said.
    pub delete_policies: Vec<String>,
}

impl Hook {
    /// Returns whether this is a test, which only `helm test` runs.
    pub fn is_test(&self) -> bool {
        self.events.iter().any(|event| event == "test")
    }
}

/// The order in which Helm installs kinds.
const INSTALL_ORDER: [&str; 38] = [
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
    "APIService",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
];

/// Returns the position of a kind in Helm's order of installation.
fn order_of(kind: &str) -> usize {
    INSTALL_ORDER
        .iter()
        .position(|known| *known == kind)
        .unwrap_or(INSTALL_ORDER.len())
}

/// Finds what stands between documents: three hyphens at the beginning of a line, and the blanks
/// after them.
fn separators(text: &str) -> impl Iterator<Item = std::ops::Range<usize>> {
    let first = text.starts_with("---").then_some(0);
    let later = memchr::memmem::find_iter(text.as_bytes(), "\n---").map(|at| at + 1);
    first.into_iter().chain(later).map(|start| {
        let blanks = text.as_bytes()[start + 3..]
            .iter()
            .take_while(|byte| matches!(byte, b' ' | b'\t'));
        start..start + 3 + blanks.count()
    })
}

/// A document within a file.
#[derive(Debug, PartialEq)]
pub(crate) struct Cut<'t> {
    /// The line where it begins, counted from 1.
    pub(crate) line: u32,
    /// Where it begins, in bytes.
    start: usize,
    /// Its text.
    pub(crate) text: &'t str,
}

impl Cut<'_> {
    /// Returns the text as a part of the file's.
    fn excerpt(&self, file: &Arc<String>) -> Excerpt {
        Excerpt::new(file, self.start..self.start + self.text.len())
    }
}

/// Splits a file into its documents.
pub(crate) fn split(content: &str) -> Vec<Cut<'_>> {
    let mut found = Vec::new();
    let mut begin = content.len() - content.trim_start().len();
    let body = begin;
    let ends = separators(&content[body..]).map(|one| (body + one.start, body + one.end));
    let (mut line, mut counted) = (1, 0);
    for (end, next) in ends.chain([(content.len(), content.len())]) {
        let document = &content[begin..end];
        let trimmed = document.trim_start();
        if !trimmed.is_empty() {
            let start = end - trimmed.len();
            line += lines_in(&content[counted..start]);
            counted = start;
            found.push(Cut {
                line,
                start,
                text: trimmed,
            });
        }
        begin = next;
    }
    found
}

/// Splits a text into its documents.
pub(crate) fn documents_of(content: &str) -> Vec<&str> {
    split(content).into_iter().map(|cut| cut.text).collect()
}

fn lines_in(text: &str) -> u32 {
    u32::try_from(memchr::memchr_iter(b'\n', text.as_bytes()).count()).unwrap_or(u32::MAX)
}

/// From so many bytes on, documents are read faster by several threads.
const WORTH_A_THREAD: usize = 128 * 1024;

/// A document with what decides its place.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    /// Its kind, where Helm's order does not have it.
    unknown_kind: String,
    manifest: Manifest,
}

/// How much is kept of documents; all of them are read to their ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Everything.
    Whole,
    /// What decides their places.
    Head,
}

/// The keys that decide a document's place.
const HEAD: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// More threads would take longer to begin than they spare.
const MOST_THREADS: usize = 8;

/// A file with content: its template's name, what was rendered, and the template.
type Filled<'f> = (&'f Arc<str>, &'f Arc<String>, Option<Arc<str>>);

/// Turns rendered files, sorted by name, into documents in Helm's order; those without content are
/// null. What was parsed before is taken from there.
pub(crate) fn documents(
    files: &[(Arc<str>, Arc<String>)],
    sources: &dyn Fn(&str) -> Option<Arc<str>>,
    known: Option<&KnownDocuments>,
    reading: Reading,
) -> Result<Vec<Manifest>, RenderError> {
    let known = known.filter(|known| known.was_rendered());
    let filled = files
        .iter()
        .filter(|(_, content)| !content.trim_start().is_empty());
    let files: Vec<_> = filled
        .map(|(template, content)| (template, content, sources(template)))
        .collect();
    let read = |(template, content, source): &Filled<'_>| -> Result<Vec<Document>, RenderError> {
        if let Some(documents) =
            known.and_then(|known| known.of(template, source.as_ref(), content))
        {
            return Ok(documents);
        }
        let documents = of_file(template, content, source.as_deref(), reading)?;
        if let Some(known) = known {
            known.keep(template, source.clone(), Arc::clone(content), &documents);
        }
        Ok(documents)
    };
    let bytes: usize = files.iter().map(|(_, content, _)| content.len()).sum();
    let mut all = Vec::new();
    if bytes < WORTH_A_THREAD {
        for file in &files {
            all.extend(read(file)?);
        }
    } else {
        for documents in gotemplate::in_order(&files, MOST_THREADS, read) {
            all.extend(documents?);
        }
    }
    // Unknown kinds come last, by name; the sort keeps the order within a kind.
    all.sort_by(|a, b| {
        let place = |one: &Document| (one.manifest.hook.is_some(), one.manifest.order);
        let by_place = place(a).cmp(&place(b));
        by_place.then_with(|| a.unknown_kind.cmp(&b.unknown_kind))
    });
    Ok(all.into_iter().map(|one| one.manifest).collect())
}

fn of_file(
    template: &Arc<str>,
    content: &Arc<String>,
    source: Option<&str>,
    reading: Reading,
) -> Result<Vec<Document>, RenderError> {
    let mut documents = Vec::new();
    let mut lines = TemplateLines::new(source.unwrap_or_default());
    for cut in split(content) {
        let Cut { line, text, .. } = cut;
        let document = parse(template, line, text, reading)?;
        let Some(head) = head(template, line, text, &document)? else {
            continue;
        };
        let order = order_of(&head.kind);
        let is_known = order < INSTALL_ORDER.len();
        documents.push(Document {
            unknown_kind: if is_known { String::new() } else { head.kind },
            manifest: Manifest {
                text: match encoding::shown(text) {
                    Cow::Borrowed(_) => cut.excerpt(content),
                    Cow::Owned(text) => text.into(),
                },
                template: Arc::clone(template),
                line,
                template_line: lines.of(text),
                order,
                from_crds: false,
                hook: head.hook,
                document: Arc::new(document),
            },
        });
    }
    Ok(documents)
}

/// Turns a file of `crds/` into documents.
pub(crate) fn crds(template: &str, content: &Arc<String>) -> Result<Vec<CrdDocument>, RenderError> {
    let mut found = Vec::new();
    for cut in split(content) {
        let Cut { line, text, .. } = cut;
        let document = parse(template, line, text, Reading::Whole)?;
        if !document.is_null() {
            found.push(CrdDocument {
                line,
                text: cut.excerpt(content),
                document: Arc::new(document),
            });
        }
    }
    Ok(found)
}

/// Makes the manifest of a document of `crds/`.
pub(crate) fn of_crd(template: &Arc<str>, crd: &CrdDocument) -> Manifest {
    let kind = crd.document.get("kind").and_then(Json::as_str);
    Manifest {
        text: crd.text.clone(),
        template: Arc::clone(template),
        line: crd.line,
        template_line: Some(crd.line),
        order: order_of(kind.unwrap_or_default()),
        from_crds: true,
        hook: None,
        document: Arc::clone(&crd.document),
    }
}

fn failure(
    template: &str,
    first: u32,
    text: &str,
    (line, column): (u32, u32),
    message: String,
) -> RenderError {
    let content = text
        .lines()
        .nth(line.saturating_sub(1) as usize)
        .unwrap_or_default();
    RenderError::Document(Box::new(DocumentError {
        chart: chart_of(template).to_owned(),
        template: template.to_owned(),
        line: first + line.saturating_sub(1),
        column,
        text: content.to_owned(),
        message,
        place: None,
    }))
}

fn parse(template: &str, line: u32, text: &str, reading: Reading) -> Result<Json, RenderError> {
    let read = |text: &str| match reading {
        Reading::Whole => goyaml::parse_data(text),
        Reading::Head => goyaml::parse_outline(text, &|key| {
            HEAD.iter().any(|wanted| key.eq_ignore_ascii_case(wanted))
        }),
    };
    // `helm template` ends the last line of each document, and so Argo CD reads it: a block scalar
    // there keeps its break.
    let ended = if text.ends_with('\n') {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("{text}\n"))
    };
    let parsed = match encoding::bytes_of(&ended) {
        None => read(&ended),
        // What is no UTF-8 is no YAML, either; this says so in Go's words.
        Some(bytes) => goyaml::text_of(&bytes).and_then(|text| read(&text)),
    };
    parsed.map_err(|error| {
        let message = format!("error converting YAML to JSON: {error}");
        failure(
            template,
            line,
            text,
            (error.line.max(1), error.column),
            message,
        )
    })
}

struct Head {
    kind: String,
    hook: Option<Hook>,
}

/// Reads what Helm looks at in a document; `None` for hooks of unknown kinds, which Helm drops.
fn head(
    template: &str,
    line: u32,
    text: &str,
    document: &Json,
) -> Result<Option<Head>, RenderError> {
    let wrong = |found: &Json, field: &str, wanted: &str| {
        let found = match found {
            Json::Bool(_) => "bool",
            Json::Number(_) => "number",
            Json::String(_) => "string",
            Json::Array(_) => "array",
            _ => "object",
        };
        let target = if field.is_empty() {
            format!("Go value of type {wanted}")
        } else {
            format!("Go struct field {field} of type {wanted}")
        };
        let message = format!(
            "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {found} into {target}"
        );
        failure(template, line, text, (1, 0), message)
    };
    let object = match document {
        Json::Null => {
            return Ok(Some(Head {
                kind: String::new(),
                hook: None,
            }));
        }
        Json::Object(object) => object,
        other => return Err(wrong(other, "", "util.SimpleHead")),
    };
    let scalar = |value: Option<&Json>, field: &str| match value {
        None | Some(Json::Null) => Ok(String::new()),
        Some(Json::String(text)) => Ok(text.clone()),
        Some(value @ (Json::Array(_) | Json::Object(_))) => Err(wrong(value, field, "string")),
        Some(other) => Ok(other.to_string()),
    };
    scalar(field(object, "apiVersion"), "SimpleHead.apiVersion")?;
    let kind = scalar(field(object, "kind"), "SimpleHead.kind")?;
    let metadata = match field(object, "metadata") {
        None | Some(Json::Null) => return Ok(Some(Head { kind, hook: None })),
        Some(Json::Object(metadata)) => metadata,
        Some(other) => {
            let wanted = "struct { Name string \"json:\\\"name\\\"\"; Annotations map[string]string \"json:\\\"annotations\\\"\" }";
            return Err(wrong(other, "SimpleHead.metadata", wanted));
        }
    };
    scalar(field(metadata, "name"), ".metadata.name")?;
    let annotations = match field(metadata, "annotations") {
        None | Some(Json::Null) => return Ok(Some(Head { kind, hook: None })),
        Some(Json::Object(annotations)) => annotations,
        Some(other) => {
            return Err(wrong(other, ".metadata.annotations", "map[string]string"));
        }
    };
    for value in annotations.values() {
        scalar(Some(value), ".metadata.annotations")?;
    }
    let annotation = |name: &str| scalar(annotations.get(name), ".metadata.annotations");
    if !annotations.contains_key("helm.sh/hook") {
        return Ok(Some(Head { kind, hook: None }));
    }
    let listed = |text: &str| -> Vec<String> {
        text.split(',')
            .map(|one| one.trim().to_lowercase())
            .collect()
    };
    let mut events = listed(&annotation("helm.sh/hook")?);
    for event in &mut events {
        match event.as_str() {
            "test-success" => "test".clone_into(event),
            "pre-install" | "post-install" | "pre-delete" | "post-delete" | "pre-upgrade"
            | "post-upgrade" | "pre-rollback" | "post-rollback" | "test" => {}
            _ => return Ok(None),
        }
    }
    let delete_policies = match annotations.get("helm.sh/hook-delete-policy") {
        None => Vec::new(),
        Some(_) => listed(&annotation("helm.sh/hook-delete-policy")?),
    };
    let weight = annotation("helm.sh/hook-weight")?.parse().unwrap_or(0);
    Ok(Some(Head {
        kind,
        hook: Some(Hook {
            events,
            weight,
            delete_policies,
        }),
    }))
}

/// Returns the field as Go's JSON reader finds it: letters in another case will do, and of several
/// the last counts.
fn field<'a>(object: &'a serde_json::Map<String, Json>, name: &str) -> Option<&'a Json> {
    object
        .iter()
        .filter(|(key, value)| key.eq_ignore_ascii_case(name) && !value.is_null())
        .map(|(_, value)| value)
        .next_back()
}

/// Finds the lines of a template where its documents begin, by their `kind` lines.
pub(crate) struct TemplateLines<'a> {
    lines: Vec<&'a str>,
    next: usize,
}

impl<'a> TemplateLines<'a> {
    pub(crate) fn new(source: &'a str) -> Self {
        Self {
            lines: source.lines().collect(),
            next: 0,
        }
    }

    /// Returns the line of the document's first line that stands in the template as it is, from
    /// the last document on; a template that loops gives the same lines again.
    pub(crate) fn of(&mut self, document: &str) -> Option<u32> {
        let known = |line: &str| {
            let text = line.trim_end();
            let after = self.lines[self.next..]
                .iter()
                .position(|one| one.trim_end() == text);
            after
                .map(|at| self.next + at)
                .or_else(|| self.lines.iter().position(|one| one.trim_end() == text))
        };
        let telling = |line: &&str| !line.trim().is_empty() && !line.starts_with(['#', ' ', '-']);
        let found = document.lines().filter(telling).take(4).find_map(known)?;
        self.next = found + 1;
        u32::try_from(found + 1).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_scalar_at_the_end_of_a_file_keeps_its_break() {
        let parsed = parse("t.yaml", 1, "a: |\n  x", Reading::Whole).expect("a document");
        assert_eq!(parsed, serde_json::json!({"a": "x\n"}));
    }

    #[test]
    fn files_are_split_with_their_lines() {
        let parts = |text| -> Vec<(u32, usize, &str)> {
            let cuts = split(text).into_iter();
            cuts.map(|cut| (cut.line, cut.start, cut.text)).collect()
        };
        assert_eq!(
            parts("\n---\na: 1\n---  \n\n# x\n---\nb: 2\n"),
            [(3, 5, "a: 1\n"), (6, 17, "# x\n"), (8, 25, "b: 2\n")]
        );
        assert_eq!(parts("a: 1\n--- b: 2"), [(1, 0, "a: 1\n"), (2, 9, "b: 2")]);
        assert!(parts("\n  ---\n").is_empty());
    }
}
