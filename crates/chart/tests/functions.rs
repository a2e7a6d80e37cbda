//! What Helm 4.3.1 said to one expression after another: `functions/*.txt` holds pairs of lines,
//! an expression and Helm's answer (`=` what it rendered, `!` its error).

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use chart::{
    Capabilities, Chart, KubeVersion, ReleaseOptions, RenderError, RenderOptions, Values, render,
};

struct Bench {
    chart: Chart,
    capabilities: Capabilities,
}

impl Bench {
    fn new() -> Self {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/functions");
        let version = KubeVersion::parse("1.34.0").unwrap();
        Self {
            chart: Chart::load_dir(here.join("chart")).unwrap(),
            capabilities: Capabilities::new(version, Vec::<String>::new()),
        }
    }

    /// Gives what the expression renders to, or the error.
    fn ask(&self, expression: &str) -> Result<String, RenderError> {
        let mut values = Values::new();
        values
            .set_literal(&format!("expr={{{{ {expression} }}}}"))
            .unwrap();
        let release = ReleaseOptions::new("rel", "ns");
        let options = RenderOptions::default();
        let rendered = render(&self.chart, &release, &values, &self.capabilities, &options)?;
        let text = &rendered.manifests[0].text;
        let begin = text.find("BEGIN").unwrap() + "BEGIN".len();
        Ok(text[begin..text.rfind("END").unwrap()].to_owned())
    }
}

#[track_caller]
fn check(file: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/functions");
    check_path(&folder.join(file));
}

#[track_caller]
fn check_path(path: &Path) {
    let bench = Bench::new();
    let file = path.display();
    let cases = std::fs::read_to_string(path).unwrap();
    let mut lines = cases.lines();
    let mut wrong = Vec::new();
    let mut count = 0;
    while let (Some(expression), Some(answer)) = (lines.next(), lines.next()) {
        count += 1;
        let (kind, helm) = answer.split_once(' ').unwrap();
        let helm: String = serde_json::from_str(helm).unwrap();
        match (kind, bench.ask(expression)) {
            ("=", Ok(ours)) if ours == helm => {}
            ("=", Ok(ours)) => {
                wrong.push(format!("{expression}\n  helm {helm:?}\n  ours {ours:?}"));
            }
            ("=", Err(error)) => {
                wrong.push(format!("{expression}\n  helm {helm:?}\n  ours {error}"));
            }
            (_, Ok(ours)) => wrong.push(format!("{expression}\n  helm {helm}\n  ours {ours:?}")),
            (_, Err(error)) => {
                let message = match &error {
                    RenderError::Template(error) => &error.message,
                    RenderError::Document(error) => &error.message,
                    other => panic!("{expression}: {other}"),
                };
                let whole = [
                    format!(": {message}\n"),
                    format!("{message}\n\nUse --debug"),
                ];
                if !whole.iter().any(|whole| helm.contains(whole.as_str())) {
                    wrong.push(format!("{expression}\n  helm {helm}\n  ours {error}"));
                }
            }
        }
    }
    assert!(count > 100, "{count} cases in {file}");
    assert!(
        wrong.is_empty(),
        "{} of {count} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn texts() {
    check("strings.txt");
}

#[test]
fn lists_maps_and_data() {
    check("data.txt");
}

#[test]
fn numbers_and_dates() {
    check("math.txt");
}

#[test]
fn toml() {
    check("toml.txt");
}

/// Objects such as `.Files`, what is nil but has a type, and errors of every kind.
#[test]
fn objects_and_edges() {
    check("objects.txt");
}

/// A sample of what a random generator made.
#[test]
fn generated() {
    check("generated.txt");
}

/// Further cases, from a folder that the environment names: what a random generator makes is too
/// much to keep.
#[test]
#[ignore = "needs cases in the folder CHART_FUNCTION_CASES"]
fn further() {
    let folder = std::env::var("CHART_FUNCTION_CASES").unwrap();
    for entry in std::fs::read_dir(folder).unwrap() {
        check_path(&entry.unwrap().path());
    }
}
