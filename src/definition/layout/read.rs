//! `layout` of `firstlight.yaml`: takes the entry, gives the layout or every problem with its place,
//! never looks at another file.

use super::super::document::{Located, Place, Tree};
use super::super::reader::{Reader, present};
use super::super::repository::Repository;
use super::super::schema;
use super::{Clusters, Layout, LayoutKind, NamePattern, Root};

/// Reads the entry; nothing where there is none or where it has problems, which the reader has.
pub(in crate::definition) fn layout(
    reader: &mut Reader,
    value: Option<&Located>,
) -> Option<Layout> {
    let value = present(value)?;
    let before = reader.problems.len();
    reader.map(value, "layout", schema::LAYOUT);
    let shared = shared(reader, value);
    let roots = roots(reader, value, &shared);
    let layout = Layout {
        kind: LayoutKind::Described,
        environments: environments(reader, value, &roots),
        services: reader.text(value.at(&["services"]), "layout.services"),
        url: reader.text(value.at(&["url"]), "layout.url"),
        revision: reader.text(value.at(&["revision"]), "layout.revision"),
        clusters: clusters(reader, value),
        roots,
    };
    (reader.problems.len() == before).then_some(layout)
}

/// What is said once for all roots.
fn shared(reader: &mut Reader, value: &Located) -> Root {
    Root {
        path: String::new(),
        value_files: value_files(reader, value),
        parameters: parameters(reader, value),
        name: reader.text(value.at(&["name"]), "name"),
        namespace: reader.text(value.at(&["namespace"]), "namespace"),
        recurse: reader
            .truth(value.at(&["recurse"]), "recurse")
            .unwrap_or(false),
        source: None,
    }
}

fn roots(reader: &mut Reader, value: &Located, shared: &Root) -> Vec<Root> {
    let Some(given) = present(value.at(&["roots"])) else {
        let help = "name what yields the Applications: a chart, a kustomization, a directory of \
                    manifests, or a file of them"
            .to_owned();
        let message = "`layout.roots` is missing";
        reader.problem(
            &value.place,
            message,
            "expected the key `roots` here",
            Some(help),
        );
        return Vec::new();
    };
    let one = std::slice::from_ref(given);
    let entries: &[Located] = match &given.tree {
        Tree::List(entries) => entries,
        _ => one,
    };
    let roots = entries
        .iter()
        .filter_map(|entry| root(reader, entry, shared));
    roots.collect()
}

fn root(reader: &mut Reader, entry: &Located, shared: &Root) -> Option<Root> {
    let own = match &entry.tree {
        Tree::Map(_) => {
            reader.map(entry, "a root", schema::LAYOUT_ROOT);
            if present(entry.at(&["path"])).is_none() {
                let label = "expected the key `path` here";
                reader.problem(&entry.place, "`path` is missing", label, None);
            }
            Some(entry)
        }
        _ => None,
    };
    let place = own.map_or(Some(entry), |entry| entry.at(&["path"]));
    let given = reader.text(place, "the path of a root")?;
    let place = &place?.place;
    let path = inside(reader, &given, place)?;
    let mut root = Root {
        path,
        source: Some(place.source()),
        ..shared.clone()
    };
    if let Some(own) = own {
        let mine = self::shared(reader, own);
        if !mine.value_files.is_empty() {
            root.value_files = mine.value_files;
        }
        if !mine.parameters.is_empty() {
            root.parameters = mine.parameters;
        }
        root.name = mine.name.or(root.name);
        root.namespace = mine.namespace.or(root.namespace);
        root.recurse |= mine.recurse;
    }
    Some(root)
}

/// Returns a path that stays in the repository.
fn inside(reader: &mut Reader, given: &str, place: &Place) -> Option<String> {
    let path = Repository::resolve("", given.trim_end_matches('/'));
    if path.is_none() {
        let message = format!("{given} leads out of the repository");
        let label = "expected a path from the repository's root";
        reader.problem(place, message, label, None);
    }
    path
}

fn value_files(reader: &mut Reader, value: &Located) -> Vec<String> {
    let mut files = Vec::new();
    for (text, place) in texts(reader, value.at(&["valueFiles"]), "valueFiles") {
        files.extend(inside(reader, &text, &place));
    }
    files
}

fn parameters(reader: &mut Reader, value: &Located) -> Vec<(String, String)> {
    let Some(given) = present(value.at(&["parameters"])) else {
        return Vec::new();
    };
    let mut parameters = Vec::new();
    for field in reader.fields(given, "parameters") {
        let text = match &field.value.tree {
            Tree::Bool(value) => Some(value.to_string()),
            Tree::Number(value) => Some(value.to_string()),
            _ => reader.text(Some(&field.value), &format!("parameters.{}", field.key)),
        };
        parameters.extend(text.map(|text| (field.key.clone(), text)));
    }
    parameters
}

/// Returns a text, or the texts of a list.
fn texts(reader: &mut Reader, value: Option<&Located>, what: &str) -> Vec<(String, Place)> {
    let Some(value) = present(value) else {
        return Vec::new();
    };
    match value.tree {
        Tree::Text(_) => (reader.text(Some(value), what).into_iter())
            .map(|text| (text, value.place.clone()))
            .collect(),
        _ => reader.texts(Some(value), what),
    }
}

/// Where names of environments are: as is said, else where a `*` stands in what is said of roots.
fn environments(reader: &mut Reader, value: &Located, roots: &[Root]) -> Vec<NamePattern> {
    let mut patterns = Vec::new();
    for (text, place) in texts(reader, value.at(&["environments"]), "environments") {
        match NamePattern::parse(&text) {
            Ok(pattern) => patterns.push(pattern),
            Err(cause) => {
                let message = format!("`{text}` does not say where environments are");
                reader.problem(&place, message, cause, None);
            }
        }
    }
    if !patterns.is_empty() || value.field("environments").is_some() {
        return patterns;
    }
    let paths = roots.iter().map(|root| &root.path);
    let files = roots.iter().flat_map(|root| &root.value_files);
    let mut with_star = paths.chain(files).filter(|path| path.contains('*'));
    let found = with_star.find_map(|path| NamePattern::parse(path).ok());
    found.into_iter().collect()
}

fn clusters(reader: &mut Reader, value: &Located) -> Clusters {
    let named = texts(reader, value.at(&["clusters"]), "layout.clusters");
    let named: Vec<String> = named.into_iter().map(|(name, _)| name).collect();
    match named.as_slice() {
        [] => Clusters::Own,
        [all] if all == "all" => Clusters::All,
        _ => Clusters::Named(named),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::super::document::SourceFile;
    use super::*;

    fn read(text: &str) -> Result<Layout, Vec<String>> {
        let file = Arc::new(SourceFile {
            path: "firstlight.yaml".to_owned(),
            text: text.to_owned(),
        });
        let tree = Located::read(&file).expect("valid YAML");
        let mut reader = Reader::default();
        let layout = layout(&mut reader, tree.at(&["layout"]));
        let told = reader.problems.iter();
        layout.ok_or_else(|| told.map(|problem| problem.message.clone()).collect())
    }

    #[test]
    fn a_path_is_enough() {
        let layout = read("layout: {roots: clusters/*}\n").expect("a layout");
        assert_eq!(layout.environments[0].as_str(), "clusters/*");
        assert_eq!(layout.roots[0].of("a").path, "clusters/a");
        assert_eq!(layout.clusters, Clusters::Own);
    }

    #[test]
    fn what_is_said_for_all_roots_holds_where_a_root_says_nothing() {
        let text = "layout:
  environments: [test, production]
  valueFiles: apps/values-*.yaml
  parameters: {repoURL: $url, replicas: 2}
  clusters: [https://a.example.org, '*']
  roots: [apps, {path: more, valueFiles: [], parameters: {x: y}, recurse: true}]
";
        let layout = read(text).expect("a layout");
        let [first, second] = layout.roots.as_slice() else {
            panic!("two roots");
        };
        assert_eq!(first.of("test").value_files, ["apps/values-test.yaml"]);
        assert_eq!(first.parameters[1], ("replicas".to_owned(), "2".to_owned()));
        assert!(second.recurse && second.parameters.len() == 1);
        let named = vec!["https://a.example.org".to_owned(), "test".to_owned()];
        assert_eq!(layout.clusters.of("test"), Clusters::Named(named));
    }

    #[test]
    fn all_mistakes_are_told() {
        let text = "layout: {root: apps, environments: a/b, roots: [../x, {valueFiles: 5}]}\n";
        assert_eq!(
            read(text).expect_err("mistakes"),
            [
                "unknown key `root`",
                "../x leads out of the repository",
                "`path` is missing",
                "`a/b` does not say where environments are",
            ]
        );
        let none = read("layout: {url: https://example.org/x.git}\n");
        assert_eq!(none.expect_err("a mistake"), ["`layout.roots` is missing"]);
    }
}
