//! Renderings of one loaded chart, which share what they have in common: each must be what a chart
//! gives that was loaded for it alone.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chart::{
    Capabilities, Chart, File, KubeVersion, ReleaseOptions, RenderOptions, Rendered, Values, render,
};

const TEMPLATE: &str = r#"kind: ConfigMap
metadata: {name: {{ .Release.Name }}, labels: {{ include "labels" . }}}
data:
  {{- include "nested" (dict "value" .Values.nested "context" $) | nindent 2 }}
  file: {{ .Template.Name }}
---
kind: Secret
{{- $_ := set .Values.nested "seen" (default 0 .Values.nested.seen | add1) }}
data: {seen: {{ .Values.nested.seen }}}
"#;
const HELPERS: &str = r#"
{{- define "labels" }}{app: {{ .Chart.Name }}, host: {{ .Values.global.host | quote }}}{{ end }}
{{- define "nested" }}{{ toYaml .value }}
at: {{ .context.Template.Name }}{{ end }}"#;

fn chart() -> Chart {
    let file = |path: &str, text: &str| File {
        path: path.to_owned(),
        data: text.into(),
    };
    Chart::from_files(vec![
        file("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n"),
        file(
            "values.yaml",
            "nested: {deep: {list: [1, {a: b}]}, gone: null}\nglobal: {host: x}\n",
        ),
        file(
            "crds/one.yaml",
            "kind: CustomResourceDefinition\n---\n# none\n",
        ),
        file("templates/_helpers.tpl", HELPERS),
        file("templates/one.yaml", TEMPLATE),
        file("templates/two.yaml", TEMPLATE),
        file(
            "charts/sub/Chart.yaml",
            "apiVersion: v2\nname: sub\nversion: 1.0.0\n",
        ),
        file("charts/sub/values.yaml", "nested: {of: sub}\n"),
        file("charts/sub/templates/three.yaml", TEMPLATE),
    ])
    .unwrap()
}

fn rendered(chart: &Chart, name: &str, argument: &str) -> Rendered {
    let mut values = Values::new();
    values.set(argument).unwrap();
    let capabilities = Capabilities::new(KubeVersion::parse("1.34").unwrap(), ["a/v1"]);
    let release = ReleaseOptions::new(name, "ns");
    let options = RenderOptions::default();
    render(chart, &release, &values, &capabilities, &options).unwrap()
}

#[test]
fn renderings_of_one_chart_do_not_know_of_each_other() {
    let shared = chart();
    for (name, argument) in [
        ("a", "global.host=a"),
        ("a", "global.host=a"),
        ("a", "global.host=a"),
        ("b", "nested.deep.more=1"),
        ("a", "global.host=a"),
        ("a", "sub.nested.deep.list={1}"),
        ("b", "nested.deep.more=1"),
        ("b", "nested.deep.more=1"),
    ] {
        let ours = rendered(&shared, name, argument);
        let alone = rendered(&chart(), name, argument);
        assert_eq!(ours.manifests, alone.manifests, "{name} {argument}");
        assert_eq!(ours.manifests.len(), 7);
        let text = |at: usize| ours.manifests[at].text.to_string();
        let all: Vec<String> = (0..7).map(text).collect();
        assert!(
            all.iter()
                .any(|text| text.contains("at: c/templates/two.yaml")),
            "{all:?}"
        );
        assert!(all.iter().any(|text| text.contains("seen: 2")), "{all:?}");
    }
}
