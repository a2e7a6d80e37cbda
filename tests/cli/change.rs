//! What a change does, plans in files, and where values come from: on a small platform in Git.

use std::process::Command;

use crate::support::Fixture;

const SECRET: &str = "swordfish-in-the-deep";

fn git(fixture: &Fixture, arguments: &[&str]) {
    let status = Command::new("git")
        .current_dir(fixture.path())
        .args(["-c", "init.defaultBranch=main", "-c", "user.name=Ann"])
        .args([
            "-c",
            "user.email=ann@example.org",
            "-c",
            "commit.gpgsign=false",
        ])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .status()
        .expect("git runs");
    assert!(status.success(), "git {arguments:?}");
}

/// A small platform with two environments, committed.
fn committed() -> Fixture {
    let fixture = Fixture::new();
    let other = fixture.read("environments/values-test.yaml");
    let other = other.replace("name: test", "name: other");
    fixture.write(
        "environments/values-other.yaml",
        &other.replace("test.example", "other.example"),
    );
    fixture.write(
        "services/plain/secret.yaml",
        &format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: key}}\nstringData: {{key: {SECRET}}}\n"
        ),
    );
    git(&fixture, &["init", "--quiet"]);
    git(&fixture, &["add", "."]);
    git(&fixture, &["commit", "--quiet", "-m", "one"]);
    fixture
}

fn json(output: &str) -> serde_json::Value {
    let text = output.split("--- stdout\n").nth(1).expect("an output");
    let text = text.split("--- stderr").next().expect("a text");
    serde_json::from_str(text).expect("JSON")
}

#[test]
fn nothing_is_rendered_where_nothing_can_differ() {
    let fixture = committed();
    assert!(
        fixture
            .run(&["diff", "--all"])
            .contains("nothing changes in 2 environments")
    );
    fixture.write("README.md", "more words\n");
    let output = fixture.run(&["diff", "--all", "--format", "json"]);
    let review = json(&output);
    assert_eq!(review["changedPaths"], 1, "{output}");
    for environment in review["environments"].as_array().expect("a list") {
        assert_eq!(environment["change"], "same");
        assert_eq!(environment["compared"], serde_json::json!([]));
    }
}

#[test]
fn a_change_is_told_once_with_the_environments_that_it_is_in() {
    let fixture = committed();
    fixture.write("services/web/values-other.yaml", "replicas: 7\n");
    let output = fixture.run(&["diff", "--all"]);
    assert!(output.contains("1 of 2 changed: other"), "{output}");
    assert!(output.contains("in other\n"), "{output}");
    assert!(output.contains("+ spec.replicas: 7"), "{output}");
    fixture.write("services/web/values.yaml", "replicas: 5\n");
    let review = json(&fixture.run(&["diff", "--all", "--format", "json"]));
    let compared = &review["environments"][0]["compared"];
    assert_eq!(
        *compared,
        serde_json::json!(["web"]),
        "only what can differ is rendered"
    );
}

#[test]
fn revisions_are_compared_without_the_working_tree() {
    let fixture = committed();
    fixture.write("services/web/values-other.yaml", "replicas: 7\n");
    git(&fixture, &["add", "."]);
    git(&fixture, &["commit", "--quiet", "-m", "two"]);
    fixture.write("services/web/values-other.yaml", "{broken\n");
    let output = fixture.run(&["diff", "other", "--from", "HEAD~1", "--to", "HEAD"]);
    assert!(output.contains("+ spec.replicas: 7"), "{output}");
    // The other way round it is the other way round.
    let output = fixture.run(&["diff", "other", "--from", "HEAD", "--to", "HEAD~1"]);
    assert!(output.contains("- spec.replicas: 7"), "{output}");
    let output = fixture.run(&["diff", "other", "--from", "HEAD~9", "--to", "HEAD"]);
    assert!(
        output.contains("exit 3") && output.contains("HEAD~9"),
        "{output}"
    );
    let output = fixture.run(&["diff", "othr", "--from", "HEAD~1"]);
    assert!(output.contains("did you mean `other`?"), "{output}");
}

#[test]
fn services_come_and_go_and_a_broken_one_is_told() {
    let fixture = committed();
    fixture.replace(
        "environments/values-other.yaml",
        "plain: {enabled: true}",
        "plain: {enabled: false}",
    );
    let output = fixture.run(&["diff", "--all"]);
    assert!(output.contains("plain, goes in other"), "{output}");
    assert!(output.contains("- Secret plain/key"), "{output}");
    // Without these words Argo CD takes the file for something else, and leaves it out.
    fixture.write(
        "services/plain/secret.yaml",
        "apiVersion: v1\nmetadata:\nkind: {a: b: \n",
    );
    let output = fixture.run(&["diff", "test"]);
    assert!(output.contains("not compared, the newer state"), "{output}");
    assert!(
        output.starts_with("$ firstlight diff test\nexit 3"),
        "{output}"
    );
}

#[test]
fn no_form_shows_a_secret() {
    let fixture = committed();
    fixture.replace(
        "services/plain/secret.yaml",
        SECRET,
        "another-fish-in-the-deep",
    );
    for format in ["text", "json", "markdown"] {
        let output = fixture.run(&["diff", "--all", "--format", format]);
        assert!(output.contains("stringData.key"), "{output}");
        assert!(!output.contains("-in-the-deep"), "{output}");
    }
    fixture.run(&["plan", "test", "--output", "plan.json"]);
    let kept = fixture.read("plan.json");
    assert!(kept.contains("secret:") && !kept.contains("-in-the-deep"));
}

#[test]
fn a_comment_is_bounded_and_its_text_is_no_markup() {
    let fixture = committed();
    let lines: Vec<String> = (0..4000)
        .map(|line| format!("  k{line}: \"```` <b> {line}\"\n"))
        .collect();
    let lines = lines.concat();
    fixture.write(
        "services/plain/large.yaml",
        &format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: large}}\ndata:\n{lines}"),
    );
    git(&fixture, &["add", "."]);
    git(&fixture, &["commit", "--quiet", "-m", "two"]);
    fixture.write(
        "services/plain/large.yaml",
        &fixture
            .read("services/plain/large.yaml")
            .replace("<b>", "<i>"),
    );
    let output = fixture.run(&["diff", "--all", "--format", "markdown", "--from", "HEAD"]);
    assert!(output.len() < 65_536, "{}", output.len());
    assert!(
        output.contains("`````diff\n"),
        "the fence is longer than what stands in it: {output}"
    );
}

#[test]
fn a_plan_in_a_file_is_the_same_each_time_and_is_held_to() {
    let fixture = committed();
    let plan = |file: &str| fixture.run(&["plan", "test", "--output", file, "-q"]);
    assert!(plan("one.plan").contains("exit 0"));
    let first = fixture.read("one.plan");
    std::fs::remove_file(fixture.path().join("one.plan")).expect("a file");
    plan("one.plan");
    assert_eq!(first, fixture.read("one.plan"));
    std::fs::remove_file(fixture.path().join("one.plan")).expect("a file");
    let elsewhere = tempfile::tempdir().expect("a folder");
    let kept = elsewhere.path().join("kept.plan").display().to_string();
    plan(&kept);
    let install = || fixture.run(&["install", "test", "--plan", &kept, "--context", "c", "-y"]);
    // What it was made from is there still: only the cluster is missing.
    assert!(install().contains("exit 5"), "{}", install());
    fixture.replace(
        "services/plain/secret.yaml",
        SECRET,
        "another-fish-in-the-deep",
    );
    fixture.write("services/web/values-test.yaml", "replicas: 9\n");
    let output = install();
    assert!(output.contains("exit 4"), "{output}");
    assert!(
        output.contains("the file services/web/values-test.yaml: "),
        "{output}"
    );
    assert!(
        output.contains("Secret plain/key of plain: stringData.key is another secret value"),
        "{output}"
    );
    assert!(output.contains("spec.replicas"), "{output}");
    assert!(!output.contains("-in-the-deep"), "{output}");
    git(&fixture, &["add", "."]);
    git(&fixture, &["commit", "--quiet", "-m", "two"]);
    let output = install();
    assert!(
        output.contains("these files differ: services/plain/secret.yaml"),
        "{output}"
    );
}

#[test]
fn files_that_are_no_plan_are_refused() {
    let fixture = committed();
    let install = |file: &str| fixture.run(&["install", "test", "--plan", file, "--context", "c"]);
    fixture.write("a.plan", "{}");
    assert!(
        install("a.plan").contains("a.plan is no plan"),
        "{}",
        install("a.plan")
    );
    fixture.write(
        "a.plan",
        "{\"format\": \"firstlight plan\", \"version\": 99}",
    );
    assert!(
        install("a.plan").contains("has version 99"),
        "{}",
        install("a.plan")
    );
    assert!(install("none.plan").contains("none.plan cannot be read"));
    fixture.run(&["plan", "other", "--output", "b.plan", "-q"]);
    let output = install("b.plan");
    assert!(
        output.contains("is the plan of other, not of test"),
        "{output}"
    );
}

#[test]
fn values_tell_what_sets_them_and_what_that_goes_over() {
    let fixture = committed();
    fixture.write(
        "services/web/values-test.yaml",
        "replicas: 9\npassword: sesame\n",
    );
    let output = fixture.run(&["values", "test", "web"]);
    assert!(
        output.contains("services/web/values-test.yaml:1"),
        "{output}"
    );
    assert!(output.contains("services/web/values.yaml:"), "{output}");
    assert!(
        output.contains("password: \"***\"") && !output.contains("sesame"),
        "{output}"
    );
    let output = fixture.run(&["values", "test", "web", "replica"]);
    assert!(output.contains("did you mean `replicas`?"), "{output}");
    let values = json(&fixture.run(&["values", "test", "web", "replicas", "--format", "json"]));
    let value = &values["charts"][0]["values"][0];
    assert_eq!(value["value"], 9);
    assert_eq!(value["layer"], "valueFile");
    assert_eq!(value["over"][0]["layer"], "chartDefault");
    let output = fixture.run(&["values", "test", "plain"]);
    assert!(output.contains("not from a chart"), "{output}");
}
