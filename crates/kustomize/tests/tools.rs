//! What a build asks of its caller, which options it has beside the file, and where it stops.

use std::cell::RefCell;
use std::rc::Rc;

use kustomize::{
    ChartRequest, Charts, FileSystem, MemoryFiles, Options, Remote, Remotes, Resource, Tools,
    Wanted, build, build_with,
};

fn files(list: &[(&str, &str)]) -> MemoryFiles {
    MemoryFiles(
        list.iter()
            .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()))
            .collect(),
    )
}

fn names(resources: &[Resource]) -> Vec<String> {
    resources
        .iter()
        .map(|resource| {
            let text = |path: &str| {
                let value = resource.manifest.pointer(path);
                value.and_then(|it| it.as_str()).unwrap_or_default()
            };
            format!(
                "{} {}/{}",
                text("/kind"),
                text("/metadata/namespace"),
                text("/metadata/name")
            )
        })
        .collect()
}

const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {}\n";

/// Notes what is asked for.
#[derive(Default)]
struct Asked {
    charts: RefCell<Vec<ChartRequest>>,
    urls: RefCell<Vec<String>>,
}

impl Charts for Asked {
    fn render(&self, request: &ChartRequest) -> Result<String, String> {
        self.charts.borrow_mut().push(request.clone());
        Ok("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: from-chart}\n".to_owned())
    }
}

impl Remotes for Asked {
    fn repository(&self, remote: &Remote) -> Result<Rc<dyn FileSystem>, String> {
        self.urls.borrow_mut().push(remote.shown());
        if remote.folder == "again" {
            return Err("there is no such revision".to_owned());
        }
        Ok(Rc::new(files(&[
            (
                "base/kustomization.yaml",
                "resources: [s.yaml, ../other]\nnamePrefix: remote-\n",
            ),
            ("base/s.yaml", SERVICE),
            ("other/kustomization.yaml", "resources: [a.yaml]\n"),
            (
                "other/a.yaml",
                "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a}\n",
            ),
            ("loop/kustomization.yaml", "resources: [../loop]\n"),
            ("broken/kustomization.yaml", "resources: [absent.yaml]\n"),
        ])))
    }

    fn file(&self, url: &str) -> Result<Option<Vec<u8>>, String> {
        self.urls.borrow_mut().push(url.to_owned());
        Ok(url.contains(".yaml").then(|| SERVICE.as_bytes().to_vec()))
    }
}

#[test]
fn charts_are_rendered_by_the_caller() {
    let list = [
        (
            "over/kustomization.yaml",
            "resources: [../app]\nnamespace: outer\nnamePrefix: p-\n",
        ),
        (
            "app/kustomization.yaml",
            "helmGlobals: {chartHome: ../charts}\nhelmCharts:\n- name: web\n  releaseName: r\n  valuesInline: {a: {b: 1}}\n  additionalValuesFiles: [more.yaml]\n  includeCRDs: true\n",
        ),
        ("app/more.yaml", "x: y\n"),
        ("charts/web/values.yaml", "a: {b: 0, c: 2}\n"),
    ];
    let asked = Asked::default();
    let tools = Tools {
        charts: Some(&asked),
        remotes: None,
    };
    let unrestricted = Options {
        unrestricted: true,
        ..Options::default()
    };
    let built = build_with(&files(&list), "over", &unrestricted, tools).unwrap();
    // The namespace of a chart's resources is the chart's affair.
    assert_eq!(names(&built), ["ConfigMap /p-from-chart"]);
    let expected = ChartRequest {
        home: "charts".to_owned(),
        name: "web".to_owned(),
        release_name: Some("r".to_owned()),
        namespace: Some("outer".to_owned()),
        values: vec![
            (
                "../charts/web/values.yaml".to_owned(),
                "a:\n  b: 1\n  c: 2\n".to_owned(),
            ),
            ("more.yaml".to_owned(), "x: y\n".to_owned()),
        ],
        include_definitions: true,
        ..ChartRequest::default()
    };
    assert_eq!(asked.charts.into_inner(), [expected]);
    let refused = build(&files(&list), "over", &Options::default()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "app/kustomization.yaml:3:3: the chart web without --enable-helm is not supported"
    );
}

#[test]
fn remote_bases_are_fetched_by_the_caller() {
    let asked = Asked::default();
    let tools = Tools {
        charts: None,
        remotes: Some(&asked),
    };
    let one = |resource: &str| {
        let list = [(
            "kustomization.yaml".to_owned(),
            format!("resources: ['{resource}']\n"),
        )];
        let list: Vec<(&str, &str)> = list.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        build_with(&files(&list), "", &Options::default(), tools)
    };
    let built = one("https://user:pass@example.org/o/r//base?ref=v1").unwrap();
    assert_eq!(
        names(&built),
        ["ServiceAccount /remote-a", "Service /remote-s"]
    );
    assert_eq!(built[1].source.file, "https://example.org/o/r//base/s.yaml");
    assert_eq!(
        names(&one("https://example.org/x/s.yaml").unwrap()),
        ["Service /s"]
    );
    assert_eq!(
        names(&one("git@example.org:o/r.git//other").unwrap()),
        ["ServiceAccount /a"]
    );
    for (url, expected) in [
        (
            "github.com/o/r//again?ref=x",
            "https://github.com/o/r//again?ref=x cannot be read: there is no such revision",
        ),
        ("github.com/o/r//loop", "a cycle"),
        (
            "github.com/o/r//broken",
            "https://github.com/o/r//broken/kustomization.yaml:1:13: absent.yaml cannot be read",
        ),
        ("github.com/o/r//none", "it has no such folder"),
    ] {
        let error = one(url).unwrap_err().to_string();
        assert!(error.contains(expected), "{url}: {error}");
    }
    let list = [(
        "kustomization.yaml",
        "resources: ['https://user:pass@example.org/o/r//base?ref=v1']\n",
    )];
    let refused = build(&files(&list), "", &Options::default()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "kustomization.yaml:1:13: the remote resource https://example.org/o/r//base?ref=v1 is not supported"
    );
}

#[test]
fn options_stand_beside_the_file() {
    let list = [
        ("app/kustomization.yaml", "resources: [../s.yaml, n.yaml]\n"),
        ("s.yaml", SERVICE),
        (
            "app/n.yaml",
            "apiVersion: v1\nkind: Namespace\nmetadata: {name: n}\n",
        ),
    ];
    let run = |options: &Options| build(&files(&list), "app", options);
    let unrestricted = Options {
        unrestricted: true,
        managed_by_label: true,
        ..Options::default()
    };
    let built = run(&unrestricted).unwrap();
    assert_eq!(names(&built), ["Namespace /n", "Service /s"]);
    assert_eq!(
        built[0].manifest["metadata"]["labels"]["app.kubernetes.io/managed-by"],
        "kustomize-v5.8.2"
    );
    assert_eq!(built[0].namespace, None);
    assert_eq!(built[1].namespace.as_deref(), Some("default"));
    let keep = Options {
        keep_order: true,
        ..unrestricted
    };
    assert_eq!(names(&run(&keep).unwrap()), ["Service /s", "Namespace /n"]);
    let shown = Options {
        shown_from: Some("app".to_owned()),
        ..Options::default()
    };
    let error = run(&shown).unwrap_err().to_string();
    assert_eq!(
        error,
        "kustomization.yaml:1:13: ../s.yaml is outside the kustomization's folder ."
    );
}

#[test]
fn programs_are_refused_by_name() {
    for (plugin, expected) in [
        (
            "apiVersion: example.org/v1\nkind: Mine\nmetadata: {name: x}\n",
            "p.yaml:1:1: the plugin Mine (example.org/v1), a program, is not supported",
        ),
        (
            "apiVersion: example.org/v1\nkind: Mine\nmetadata:\n  name: x\n  annotations: {config.kubernetes.io/function: 'container: {image: x}'}\n",
            "p.yaml:1:1: Mine, a function that runs a container or a program, is not supported",
        ),
        (
            "apiVersion: builtin\nkind: LabelTransformr\nmetadata: {name: x}\n",
            "the built-in plugin LabelTransformr (Kustomize has none of this name)",
        ),
        (
            "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: x}\n",
            "ConfigMapGenerator is no transformer",
        ),
    ] {
        let list = [
            ("kustomization.yaml", "transformers: [p.yaml]\n"),
            ("p.yaml", plugin),
        ];
        let error = build(&files(&list), "", &Options::default()).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn what_grows_without_end_is_stopped() {
    let doubling = "- {op: copy, from: /spec, path: /spec/a}\n    - {op: copy, from: /spec, path: /spec/b}\n    ".repeat(20);
    let patch = format!(
        "resources: [s.yaml]\npatches:\n- target: {{kind: Service}}\n  patch: |-\n    {doubling}\n"
    );
    let one = "- source: {kind: Service, fieldPath: spec}\n  targets: [{select: {kind: Service}, fieldPaths: [spec.a], options: {create: true}}]\n\
               - source: {kind: Service, fieldPath: spec}\n  targets: [{select: {kind: Service}, fieldPaths: [spec.b], options: {create: true}}]\n";
    let replacements = format!("resources: [s.yaml]\nreplacements:\n{}", one.repeat(40));
    for (text, expected) in [
        (patch, "copies more and more without end"),
        (replacements, "copy more and more without end"),
    ] {
        let list = [
            ("kustomization.yaml", text.as_str()),
            (
                "s.yaml",
                "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {x: y}\n",
            ),
        ];
        let error = build(&files(&list), "", &Options::default()).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
    // Every kustomization is reached twice by the one above it.
    let mut list = Vec::new();
    for level in 0..30 {
        let next = level + 1;
        list.push((
            format!("{level}/kustomization.yaml"),
            format!("resources: [../{next}, ../{next}b]\nnamePrefix: a\n"),
        ));
        list.push((
            format!("{level}b/kustomization.yaml"),
            format!("resources: [../{next}, ../{next}b]\nnamePrefix: b\n"),
        ));
    }
    for end in ["30", "30b"] {
        list.push((
            format!("{end}/kustomization.yaml"),
            "namePrefix: x\n".to_owned(),
        ));
    }
    let list: Vec<(&str, &str)> = list.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let error = build(&files(&list), "0", &Options::default()).unwrap_err();
    assert!(
        error.to_string().contains("more than 5000 kustomizations"),
        "{error}"
    );
}

/// Has what was fetched, and nothing else.
#[derive(Default)]
struct AtHand {
    bases: Vec<String>,
    pages: Vec<String>,
}

impl Remotes for AtHand {
    fn repository(&self, remote: &Remote) -> Result<Rc<dyn FileSystem>, String> {
        if !self.bases.contains(&remote.shown()) {
            return Err("it is not at hand".to_owned());
        }
        Ok(Rc::new(files(&[
            (
                "a/kustomization.yaml",
                "resources: [../b, 'https://example.org/p/q//c?ref=v2']\n",
            ),
            (
                "b/kustomization.yaml",
                "helmCharts: [{name: inner, repo: 'https://charts.example.org', version: 1.0.0}]\n",
            ),
        ])))
    }

    fn file(&self, url: &str) -> Result<Option<Vec<u8>>, String> {
        if self.pages.iter().any(|known| known == url) {
            return Ok(None);
        }
        Err("it is not at hand".to_owned())
    }
}

#[test]
fn all_that_a_build_needs_is_known_before_it() {
    let list = [
        (
            "app/kustomization.yaml",
            "resources: [../base, local.yaml, 'https://example.org/o/r/a?ref=v1']\ncomponents: \
             ['github.com/o/c//x?ref=main']\npatches: [{path: 'https://example.org/patch.yaml'}]\n\
             configMapGenerator: [{name: c, files: ['k=https://example.org/k.txt']}]\n\
             openapi: {path: 'https://example.org/schema.json'}\nreplacements: [{path: \
             'https://example.org/replacement.yaml'}]\n\
             generators: [chart.yaml]\nhelmCharts:\n- {name: web, repo: oci://example.org/charts}\n\
             - {name: here, repo: 'https://charts.example.org'}\n",
        ),
        ("app/local.yaml", SERVICE),
        ("app/charts/here/Chart.yaml", "name: here\n"),
        (
            "app/chart.yaml",
            "apiVersion: builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: g}\nname: \
             plugged\nrepo: https://charts.example.org\nversion: 2.0.0\n",
        ),
        (
            "base/kustomization.yaml",
            "resources: ['https://example.org/o/r/a?ref=v1', 'git@example.org:o/s.git']\n",
        ),
    ];
    let found = |remotes: &AtHand| -> Vec<String> {
        let needs = kustomize::needs(&files(&list), "app", &Options::default(), remotes);
        let mut texts: Vec<String> = needs
            .iter()
            .map(|need| match &need.wanted {
                Wanted::Base(remote) => format!("base {}", remote.shown()),
                Wanted::File { url, or } => format!("file {url} {}", or.is_some()),
                Wanted::Chart { name, .. } => format!("chart {name}"),
            })
            .collect();
        texts.sort();
        texts
    };
    let mut remotes = AtHand::default();
    let first = [
        "base example.org:o/s.git",
        "base https://github.com/o/c//x?ref=main",
        "chart plugged",
        "chart web",
        "file https://example.org/k.txt false",
        "file https://example.org/o/r/a?ref=v1 true",
        "file https://example.org/patch.yaml false",
        "file https://example.org/replacement.yaml false",
        "file https://example.org/schema.json false",
    ];
    assert_eq!(found(&remotes), first);
    // A page is no file: what it may be a page of is a repository.
    remotes
        .pages
        .push("https://example.org/o/r/a?ref=v1".to_owned());
    assert!(found(&remotes).contains(&"base https://example.org/o/r//a?ref=v1".to_owned()));
    // What a base needs itself is found once it is there.
    remotes
        .bases
        .push("https://example.org/o/r//a?ref=v1".to_owned());
    let now = found(&remotes);
    assert!(now.contains(&"chart inner".to_owned()), "{now:?}");
    assert!(now.contains(&"file https://example.org/p/q//c?ref=v2 true".to_owned()));
}

#[test]
fn restrictions_hold_in_what_was_fetched() {
    struct Outside;
    impl Remotes for Outside {
        fn repository(&self, _: &Remote) -> Result<Rc<dyn FileSystem>, String> {
            Ok(Rc::new(files(&[
                ("a/kustomization.yaml", "resources: [../s.yaml]\n"),
                ("s.yaml", SERVICE),
            ])))
        }
        fn file(&self, _: &str) -> Result<Option<Vec<u8>>, String> {
            Ok(None)
        }
    }
    let list = [(
        "kustomization.yaml",
        "resources: ['https://example.org/o/r//a?ref=v1']\n",
    )];
    let tools = Tools {
        charts: None,
        remotes: Some(&Outside),
    };
    let unrestricted = Options {
        unrestricted: true,
        ..Options::default()
    };
    let error = build_with(&files(&list), "", &unrestricted, tools).unwrap_err();
    assert!(error.to_string().contains("folder"), "{error}");
}
