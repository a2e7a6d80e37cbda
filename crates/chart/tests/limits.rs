//! Charts that would take all the time or memory there is: each ends with an error that names the
//! template, its line and the limit.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use chart::{
    Capabilities, Chart, Entropy, File, KubeVersion, Limits, ReleaseOptions, RenderOptions, Values,
    render,
};

fn file(path: &str, text: &str) -> File {
    File {
        path: path.to_owned(),
        data: text.as_bytes().to_owned(),
    }
}

/// Renders one template with limits that are met in a moment even without optimisation.
fn rendered(template: &str) -> Result<usize, String> {
    let chart = Chart::from_files(vec![
        file("Chart.yaml", "apiVersion: v2\nname: bad\nversion: 1.0.0\n"),
        file("values.yaml", "list: [a, b]\n"),
        file("templates/t.yaml", template),
    ])
    .unwrap();
    let capabilities = Capabilities::new(KubeVersion::parse("1.34.0").unwrap(), [""; 0]);
    let options = RenderOptions {
        limits: Limits {
            steps: 2_000_000,
            output_bytes: 32 << 20,
            slow_milliseconds: 2_000,
            ..Limits::default()
        },
        entropy: Entropy::Seed([1; 32]),
        ..RenderOptions::default()
    };
    let release = ReleaseOptions::new("release", "default");
    render(&chart, &release, &Values::new(), &capabilities, &options)
        .map(|rendered| rendered.manifests.len())
        .map_err(|error| error.to_string())
}

/// Checks that a template is refused with each of the words, and its place.
#[track_caller]
fn refused(template: &str, words: &str) {
    let message = rendered(template).unwrap_err();
    let shown: String = message.chars().take(600).collect();
    assert!(message.contains(words), "{template}: {shown}");
    assert!(
        message.starts_with("bad/templates/t.yaml:1:"),
        "{template}: {shown}"
    );
    assert!(message.len() < 10_000, "{template}: {shown}");
}

const STEPS: &str = "exceeded maximum number of steps (2000000)";
const BYTES: &str = "exceeded maximum output (33554432 bytes";
const TEXT: &str = "would make a text of more than 67108864 bytes";
const LIST: &str = "would make a list of more than 1000000 elements";
const SLOW: &str = "exceeded maximum time for keys and password hashes (2000 ms)";

#[test]
fn loops_and_recursions() {
    refused("{{ range until 1000000000 }}{{ end }}", LIST);
    refused("{{ range untilStep 0 1000000000 1 }}{{ end }}", LIST);
    refused("{{ range $i := 1000000000 }}{{ end }}", STEPS);
    refused("{{ seq 1 1000000000 }}", LIST);
    refused("{{ seq 1000000000 -1 -1000000000 | len }}", LIST);
    refused(
        r#"{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}"#,
        "rendering template has a nested reference name: a",
    );
    refused(
        r#"{{ define "a" }}{{ include "b" . }}{{ end }}{{ define "b" }}{{ include "a" . }}{{ end }}{{ include "a" . }}"#,
        "rendering template has a nested reference name: a",
    );
    refused(
        r#"{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}"#,
        "exceeded maximum template depth (5000)",
    );
    refused(
        r#"{{ define "a" }}{{ tpl "{{ include \"a\" . }}" . }}{{ end }}{{ include "a" . }}"#,
        "more calls",
    );
    refused(
        r#"{{ define "a" }}{{ include "a" . }}{{ include "a" . }}{{ end }}{{ include "a" . }}"#,
        "nested reference name",
    );
    // No name comes again, and yet it never ends.
    refused(
        r#"{{ $t := "{{ tpl .t . }}" }}{{ tpl $t (dict "t" $t) }}"#,
        "exceeded maximum",
    );
}

#[test]
fn texts_that_grow() {
    refused(r#"{{ repeat 1000000000 "x" }}"#, TEXT);
    refused(r#"{{ repeat 9223372036854775807 "xx" | len }}"#, TEXT);
    refused(r#"{{ "x\n" | indent 1000000000 | len }}"#, TEXT);
    refused(r#"{{ repeat 1000000 "\n" | nindent 100 | len }}"#, TEXT);
    refused(
        r#"{{ $t := "x\n" }}{{ range until 64 }}{{ $t = cat $t $t | nindent 8 }}{{ end }}"#,
        "exceeded maximum",
    );
    refused(
        r#"{{ repeat 10000 "a" | replace "a" (repeat 10000 "b") | len }}"#,
        TEXT,
    );
    refused(
        r#"{{ repeat 10000 "a" | replace "" (repeat 10000 "b") | len }}"#,
        TEXT,
    );
    refused(r#"{{ until 10000 | join (repeat 10000 "b") | len }}"#, TEXT);
    refused(
        r#"{{ $t := repeat 1000000 "b" }}{{ $l := list $t }}{{ range until 7 }}{{ $l = concat $l $l }}{{ end }}{{ join "," $l | len }}"#,
        "the value holds texts of more than 67108864 bytes together",
    );
    refused(
        r#"{{ repeat 100000 "a" | regexReplaceAll "a" | len }}"#
            .replace("| len", "")
            .as_str(),
        "wrong number of args",
    );
    refused(
        r#"{{ regexReplaceAll "a" (repeat 30000 "a") (repeat 30000 "b") | len }}"#,
        TEXT,
    );
    refused(
        r#"{{ regexReplaceAll "a+" (repeat 100000 "a") (repeat 10000 "$0") | len }}"#,
        TEXT,
    );
    refused(
        r#"{{ wrapWith 1 (repeat 100000 "b") (repeat 10000 "a") | len }}"#,
        TEXT,
    );
    refused(
        &format!(
            "{{{{ printf {:?} {} | len }}}}",
            "%999999d".repeat(80),
            "1 ".repeat(80)
        ),
        "made a text of more than 67108864 bytes",
    );
    refused(
        r#"{{ range until 1000 }}{{ $x := repeat 1000000 "x" }}{{ end }}"#,
        BYTES,
    );
    refused(
        r#"{{ $d := dict }}{{ range until 100000 }}{{ $_ := set $d (toString .) (repeat 10000 "x") }}{{ end }}"#,
        "exceeded maximum",
    );
    assert_eq!(
        rendered(
            r#"{{ $x := printf "%999999999d" 1 }}{{ if ne $x "%!(NOVERB)%!(EXTRA int=1)" }}{{ fail $x }}{{ end }}"#
        ),
        Ok(0)
    );
}

#[test]
fn lists_that_grow() {
    refused(
        r"{{ $l := list }}{{ range $i := 1000000 }}{{ $l = append $l 1 }}{{ end }}",
        "exceeded maximum",
    );
    refused(
        r"{{ $l := list 1 }}{{ range $i := 64 }}{{ $l = concat $l $l }}{{ end }}",
        LIST,
    );
    refused(
        r#"{{ $l := list }}{{ range until 30000 }}{{ $l = printf "%d" . | list | concat $l }}{{ end }}"#,
        "exceeded maximum",
    );
    refused(r"{{ until 100000 | uniq | len }}", STEPS);
    refused(r#"{{ repeat 5000000 "x" | splitList "" | len }}"#, LIST);
    refused(r#"{{ repeat 5000000 "x" | split "" | len }}"#, LIST);
    refused(
        r#"{{ regexFindAll "x" (repeat 5000000 "x") -1 | len }}"#,
        "longer than what is searched for all matches",
    );
    refused(
        r#"{{ regexSplit "x" (repeat 5000000 "x") -1 | len }}"#,
        "longer than what is searched for all matches",
    );
}

#[test]
fn values_that_are_small_in_memory_and_endless_on_paper() {
    let doubled =
        "{{ $v := dict \"a\" 1 }}{{ range $i := 60 }}{{ $v = dict \"a\" $v \"b\" $v }}{{ end }}";
    let circle = "{{ $v := dict }}{{ $_ := set $v \"self\" $v }}";
    let chain = "{{ $v := dict }}{{ range $i := 100000 }}{{ $v = dict \"a\" $v }}{{ end }}";
    let many = "the value has more than 1000000 elements";
    let endless = "the value contains itself, or is nested more than 500 deep";
    let cycle = "json: unsupported value: encountered a cycle via map[string]interface {}";
    for use_it in [
        "{{ mustToYaml $v | len }}",
        "{{ mustToJson $v | len }}",
        "{{ toRawJson $v | len }}",
        "{{ mustToPrettyJson $v | len }}",
    ] {
        refused(&format!("{circle}{use_it}"), cycle);
        refused(&format!("{chain}{use_it}"), cycle);
    }
    // Helm gives no text here, and so do we; what is merely huge is refused.
    refused(&format!("{doubled}{{{{ toYaml $v | len }}}}"), many);
    refused(&format!("{doubled}{{{{ mustToJson $v | len }}}}"), many);
    for use_it in ["toYaml", "toJson", "toPrettyJson"] {
        for build in [circle, chain] {
            let template =
                format!("{build}{{{{ if {use_it} $v }}}}{{{{ fail \"text\" }}}}{{{{ end }}}}");
            assert_eq!(rendered(&template), Ok(0), "{template}");
        }
    }
    refused(&format!("{doubled}{{{{ quote $v | len }}}}"), many);
    refused(&format!("{doubled}{{{{ deepCopy $v | len }}}}"), endless);
    refused(&format!("{circle}{{{{ deepCopy $v | len }}}}"), endless);
    for two in [
        "{{ deepEqual $v $w }}",
        "{{ has $v (list $w) }}",
        "{{ uniq (list $v $w) | len }}",
        "{{ without (list $v) $w | len }}",
        "{{ merge $v $w | len }}",
        "{{ mergeOverwrite $v $w | len }}",
    ] {
        let again = |build: &str| format!("{build}{}{two}", build.replace("$v", "$w"));
        refused(&again(circle), endless);
        refused(&again(chain), endless);
        if two.contains("deepEqual") || two.contains("merge ") {
            refused(&again(doubled), many);
        }
    }
    // A map that contains itself does no harm where nobody follows it.
    let fine =
        "{{ $_ := merge (dict \"a\" 1) $v }}{{ $_ = has 1 (list $v) }}{{ $_ = deepEqual $v $v }}";
    assert_eq!(rendered(&format!("{circle}{fine}")), Ok(0));
    // What only prints it ends as well.
    for build in [circle, chain] {
        for print in ["printf \"%v\" $v", "print $v", "$v | toString"] {
            let template = format!("{build}{{{{ if {print} }}}}{{{{ end }}}}");
            assert_eq!(rendered(&template), Ok(0), "{template}");
        }
    }
}

#[test]
fn what_is_slow_or_random() {
    refused(
        r#"{{ range until 1000 }}{{ $k := genPrivateKey "none" }}{{ end }}"#,
        SLOW,
    );
    refused(
        r#"{{ range until 1000000 }}{{ $k := htpasswd "a:b" "c" }}{{ end }}"#,
        SLOW,
    );
    refused(
        "{{ randAlphaNum 100000000 }}",
        "100000000 random characters are more than the 1048576 that one call may make",
    );
    refused(
        "{{ range until 1000 }}{{ $x := randAscii 100000 }}{{ end }}",
        STEPS,
    );
    refused(
        r#"{{ range until 100000 }}{{ $x := regexMatch "(a{900}){900}" "a" }}{{ end }}"#,
        STEPS,
    );
}

#[test]
fn texts_that_are_read() {
    refused(
        r#"{{ repeat 20000000 "a" | fromYaml }}"#,
        "longer than what is read here (16777216 bytes)",
    );
    // An alias bomb gives Helm's map with the error in it, as any YAML does that cannot be read.
    let bomb = (1..=9).fold(
        "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned(),
        |text, level| {
            let alias = format!("*a{}", level - 1);
            let aliases = vec![alias; 10].join(", ");
            format!("{text}a{level}: &a{level} [{aliases}]\n")
        },
    );
    refused(
        &format!("{{{{ $v := {bomb:?} | fromYaml }}}}{{{{ fail $v.Error }}}}"),
        "document contains excessive aliasing",
    );
    let deep = "[".repeat(100_000);
    refused(
        &format!("{{{{ $v := {deep:?} | fromYaml }}}}{{{{ fail $v.Error }}}}"),
        "exceeded max depth",
    );
    for number in [
        "1e999999999",
        "0x1p999999999",
        "9999999999999999999999999",
        "-1e-999999999",
        "0o777777777777777777777777777",
    ] {
        let template = format!(
            "{{{{ $v := fromYaml \"a: {number}\" }}}}{{{{ $w := fromJson `{{\"a\": {number}}}` }}}}"
        );
        assert_eq!(rendered(&template), Ok(0), "{number}");
    }
}
