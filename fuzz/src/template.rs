//! Templates: takes a text, and values for it, gives both to the parser and the evaluator; never
//! looks at what is rendered.

use std::sync::{Arc, LazyLock};

use chart::{
    Capabilities, Chart, Entropy, File, KubeVersion, Limits, ReleaseOptions, RenderOptions, Values,
};
use gotemplate::{FunctionTable, TemplateSet};

/// What a rendering may use here: enough to reach everything, and little enough for many a second.
const LIMITS: Limits = Limits {
    depth: 60,
    output_bytes: 4 << 20,
    steps: 20_000,
    slow_milliseconds: 0,
};

static FUNCTIONS: LazyLock<Arc<FunctionTable>> = LazyLock::new(|| Arc::new(FunctionTable::new()));

/// The lexer and the parser.
pub(crate) fn parse(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let mut set = TemplateSet::new(Arc::clone(&FUNCTIONS));
    if let Err(error) = set.parse("main", &*text) {
        let lines = text.matches('\n').count() + 1;
        assert!(
            (1..=lines).contains(&(error.line as usize)),
            "line {} of {lines}",
            error.line
        );
        assert!(!error.message.is_empty(), "an error says what is wrong");
    }
}

/// The evaluator with all functions of Helm: a template, and its values as YAML after a NUL.
pub(crate) fn evaluate(input: &[u8]) {
    let mut parts = crate::parts(input);
    let template = parts.next().unwrap_or_default();
    let mut values = Values::new();
    if let Some(text) = parts.next()
        && values.merge_yaml("values.yaml", &text).is_err()
    {
        return;
    }
    let file = |path: &str, data: &[u8]| File {
        path: path.to_owned(),
        data: data.to_owned(),
    };
    let chart = Chart::from_files(vec![
        file("Chart.yaml", b"apiVersion: v2\nname: c\nversion: 1.0.0\n"),
        file("data.txt", b"some\nlines\n"),
        file("templates/t.yaml", template.as_bytes()),
        file(
            "templates/_h.tpl",
            b"{{ define \"h\" }}{{ . }}{{ end }}{{ define \"r\" }}{{ include \"r\" . }}{{ end }}",
        ),
    ]);
    let chart = chart.expect("the chart is well formed");
    render(&chart, &values);
}

/// Renders a chart as far as it can be; refusing it is fine.
pub(crate) fn render(chart: &Chart, values: &Values) {
    let version = KubeVersion::parse("1.34.0").expect("the version is a constant");
    let capabilities = Capabilities::new(version, ["monitoring.coreos.com/v1"]);
    let options = RenderOptions {
        limits: LIMITS,
        clock: Some(std::time::UNIX_EPOCH),
        entropy: Entropy::Seed([7; 32]),
        ..RenderOptions::default()
    };
    let release = ReleaseOptions::new("release", "default");
    let render = || chart::render(chart, &release, values, &capabilities, &options);
    let (first, second) = (render(), render());
    // With the clock and the random numbers given, nothing is left to chance.
    match (first, second) {
        (Ok(first), Ok(second)) => assert_eq!(first.manifests, second.manifests),
        (Err(first), Err(second)) => assert_eq!(first.to_string(), second.to_string()),
        (first, second) => panic!("two renderings differ: {first:?} and {second:?}"),
    }
}
