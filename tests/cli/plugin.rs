//! Config management plugins: rendered by a command that the repository names, and by nothing else.

use crate::support::Fixture;

const APPLICATION: &str = "apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: tool, namespace: argocd}
spec:
  project: default-project
  source:
    repoURL: {{ .Values.repository.url }}
    targetRevision: {{ .Values.repository.revision }}
    path: services/tool
    plugin:
      name: filler
      env: [{name: COLOUR, value: \"of $ARGOCD_APP_NAME\"}]
      parameters: [{name: size, string: large}]
  destination: {server: https://kubernetes.default.svc, namespace: plain}
";

fn fixture(command: Option<&str>) -> Fixture {
    let fixture = Fixture::new();
    fixture.write("bootstrap/templates/tool.yaml", APPLICATION);
    fixture.write(
        "services/tool/manifest.txt",
        "apiVersion: v1
kind: ConfigMap
metadata: {name: filled}
data:
",
    );
    if let Some(command) = command {
        fixture.write("firstlight.yaml", command);
    }
    fixture
}

fn rendered(command: &str) -> String {
    fixture(Some(command)).run(&["render", "test", "tool"])
}

#[test]
fn a_plugin_is_rendered_by_the_command_that_the_repository_names() {
    let text = rendered(
        r#"plugins:
  - name: filler
    command:
      - sh
      - -c
      - |
        cat manifest.txt
        echo "  name: $ARGOCD_APP_NAME"
        echo "  colour: $ARGOCD_ENV_COLOUR"
        echo "  size: $PARAM_SIZE"
        echo "  secret: none$AWS_SECRET_ACCESS_KEY$USER"
        echo left > ../left-behind.txt
"#,
    );
    assert!(text.contains("exit 0"), "{text}");
    for line in [
        "name: tool",
        "colour: of tool",
        "size: large",
        "secret: none\n",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
}

#[test]
fn a_command_leaves_nothing_in_the_repository() {
    let command = "plugins: [{name: filler, command: [sh, -c, cat manifest.txt; rm *; touch x]}]\n";
    let fixture = fixture(Some(command));
    for _ in 0..2 {
        let text = fixture.run(&["render", "test", "tool"]);
        assert!(text.contains("exit 0"), "{text}");
    }
    assert!(!fixture.path().join("services/tool/x").exists());
}

#[test]
fn without_a_command_the_plugin_is_named() {
    let text = fixture(None).run(&["render", "test", "tool"]);
    assert!(text.contains("exit 3"), "{text}");
    assert!(text.contains("the plugin filler"), "{text}");
    // The others are rendered all the same.
    let text = fixture(None).run(&["render", "test", "web"]);
    assert!(text.contains("exit 0"), "{text}");
}

#[test]
fn a_command_that_fails_stalls_or_talks_too_much_is_told() {
    for (command, expected) in [
        (
            "[sh, -c, 'echo no template >&2; exit 7']",
            "it says: no template",
        ),
        (
            "[sh, -c, 'sleep 60 & sleep 60']",
            "it was stopped after 1 s",
        ),
        ("[cat, /dev/zero]", "it wrote more than"),
        ("[no-such-program-at-all]", "cannot be started"),
        ("[echo, 'a: [']", "is not valid YAML"),
    ] {
        let given = format!("plugins: [{{name: filler, command: {command}, timeout: 1s}}]\n");
        let given = match expected {
            "it wrote more than" => given.replace("1s", "60s"),
            _ => given,
        };
        let text = rendered(&given);
        assert!(text.contains("exit 3"), "{command}: {text}");
        assert!(text.contains(expected), "{command}: {text}");
    }
}
