//! Charts whose files are not what files should be: each is refused in a moment, and the error
//! names the file and what is wrong with it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write as _;
use std::path::Path;

use chart::{
    Capabilities, Chart, File, KubeVersion, LoadLimits, LoadOptions, ReleaseOptions, RenderOptions,
    Values,
};
use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, EntryType, Header};

const CHART: &[u8] = b"apiVersion: v2\nname: bad\nversion: 1.0.0\n";

/// One entry of an archive.
struct Entry<'a> {
    path: &'a str,
    kind: EntryType,
    link: &'a str,
    data: &'a [u8],
}

fn plain<'a>(path: &'a str, data: &'a [u8]) -> Entry<'a> {
    Entry {
        path,
        kind: EntryType::Regular,
        link: "",
        data,
    }
}

/// Writes a name into a header without a look at it.
fn raw(field: &mut [u8], text: &str) {
    field[..text.len()].copy_from_slice(text.as_bytes());
}

fn archive(entries: &[Entry<'_>]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for entry in entries {
        let mut header = Header::new_gnu();
        raw(&mut header.as_old_mut().name, entry.path);
        raw(&mut header.as_old_mut().linkname, entry.link);
        header.set_entry_type(entry.kind);
        header.set_size(entry.data.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder.append(&header, entry.data).unwrap();
    }
    gzip(&builder.into_inner().unwrap())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn told(error: &chart::LoadError) -> String {
    error.to_string()
}

#[track_caller]
fn refused(packed: &[u8], words: &str) {
    let message = told(&Chart::load_archive(packed).unwrap_err());
    assert!(message.contains(words), "{message}");
    assert!(message.len() < 1000, "{message}");
}

#[test]
fn paths_that_lead_out_of_an_archive() {
    let with = |entry| archive(&[plain("bad/Chart.yaml", CHART), entry]);
    for path in ["bad/../../etc/passwd", "bad/..", "bad/templates/../../../x"] {
        refused(&with(plain(path, b"x")), "references parent directory");
    }
    refused(&with(plain("bad//etc/passwd", b"x")), "absolute paths");
    refused(&with(plain("/..", b"x")), "references parent directory");
    refused(
        &with(plain("bad\\..\\..\\x", b"x")),
        "references parent directory",
    );
    refused(&with(plain("bad/c:/x", b"x")), "illegally named files");
    refused(&with(plain("Chart.yaml", CHART)), "base directory");
    for (kind, link) in [
        (EntryType::Symlink, "../../etc/passwd"),
        (EntryType::Symlink, "/etc/passwd"),
        (EntryType::Link, "bad/../../etc/passwd"),
    ] {
        let entry = Entry {
            path: "bad/templates/x.yaml",
            kind,
            link,
            data: b"",
        };
        refused(
            &with(entry),
            "bad/templates/x.yaml is a link that leads out of the chart",
        );
    }
    // A link within is to Helm a file without content.
    let within = with(Entry {
        path: "bad/templates/x.yaml",
        kind: EntryType::Symlink,
        link: "../values.yaml",
        data: b"",
    });
    let chart = Chart::load_archive(&within).unwrap();
    assert_eq!(chart.templates()[0].data, b"");
}

#[test]
fn entries_that_are_no_files() {
    for kind in [EntryType::Char, EntryType::Block, EntryType::Fifo] {
        let entry = Entry {
            path: "bad/templates/x.yaml",
            kind,
            link: "",
            data: b"",
        };
        let packed = archive(&[plain("bad/Chart.yaml", CHART), entry]);
        refused(&packed, "cannot load irregular file bad/templates/x.yaml");
    }
}

#[test]
fn sizes_that_are_wrong_or_too_large() {
    let large = vec![b'x'; (5 << 20) + 1];
    refused(
        &archive(&[
            plain("bad/Chart.yaml", CHART),
            plain("bad/large.txt", &large),
        ]),
        "decompressed chart file \"bad/large.txt\" is larger than the maximum file size 5242880",
    );
    let most = vec![b'x'; 5 << 20];
    let names: Vec<String> = (0..21).map(|n| format!("bad/{n}.txt")).collect();
    let many: Vec<_> = names.iter().map(|name| plain(name, &most)).collect();
    refused(
        &archive(&many),
        "decompressed chart is larger than the maximum size 104857600",
    );
    // What is no file of the chart counts as well.
    let directory = Entry {
        path: "bad/d",
        kind: EntryType::Directory,
        link: "",
        data: &vec![0; 200 << 20],
    };
    refused(
        &archive(&[directory]),
        "decompressed chart is larger than the maximum size 104857600",
    );
    refused(&gzip(&vec![0; 1 << 20]), "no files in chart archive");
    for size in [
        &b"77777777777\0"[..],
        b"-0000000001\0",
        b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff",
    ] {
        let mut header = Header::new_gnu();
        raw(&mut header.as_old_mut().name, "bad/Chart.yaml");
        header.as_old_mut().size.copy_from_slice(size);
        header.set_cksum();
        let message = told(&Chart::load_archive(&gzip(header.as_bytes())).unwrap_err());
        assert!(message.len() < 300, "{message}");
    }
    refused(b"\x1f\x8b\x08", "archive");
    refused(b"apiVersion: v2\n", "gzip: invalid header");
}

#[test]
fn very_many_entries() {
    let names: Vec<String> = (0..20_001).map(|n| format!("bad/{n}")).collect();
    let entries: Vec<_> = names.iter().map(|name| plain(name, b"")).collect();
    refused(&archive(&entries), "the chart has more than 20000 files");
}

/// An entry with a harmless name, behind a header that says another.
#[track_caller]
fn refused_behind_extension(mut builder: Builder<Vec<u8>>, mut header: Header) {
    raw(&mut header.as_old_mut().name, "bad/fine");
    header.set_size(1);
    header.set_cksum();
    builder.append(&header, &b"x"[..]).unwrap();
    refused(
        &gzip(&builder.into_inner().unwrap()),
        "references parent directory",
    );
}

#[test]
fn names_in_extension_headers_are_checked_too() {
    let mut builder = Builder::new(Vec::new());
    builder
        .append_pax_extensions([("path", &b"bad/../../x"[..])])
        .unwrap();
    refused_behind_extension(builder, Header::new_ustar());
    let mut builder = Builder::new(Vec::new());
    let long = format!("bad/{}/../../../x", "a".repeat(300));
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::GNULongName);
    raw(&mut header.as_old_mut().name, "././@LongLink");
    header.set_size(long.len() as u64);
    header.set_cksum();
    builder.append(&header, long.as_bytes()).unwrap();
    refused_behind_extension(builder, Header::new_gnu());
}

#[test]
fn entries_given_twice_are_taken_as_helm_takes_them() {
    let packed = archive(&[
        plain("bad/Chart.yaml", CHART),
        plain("bad/Chart.yaml", b"version: 2.0.0\n"),
        plain("bad/values.yaml", b"a: 1\n"),
        plain("bad/values.yaml", b"b: 2\n"),
    ]);
    let chart = Chart::load_archive(&packed).unwrap();
    assert_eq!(chart.metadata.version, "2.0.0");
    assert_eq!(chart.metadata.name, "bad");
    assert!(chart.values().contains_key("b"));
}

#[test]
fn archives_within_archives() {
    // Each level holds the one below it twice.
    let mut packed = archive(&[
        plain("bad/Chart.yaml", CHART),
        plain("bad/large", &vec![0; 4 << 20]),
    ]);
    for _ in 0..8 {
        packed = archive(&[
            plain("bad/Chart.yaml", CHART),
            plain("bad/charts/a.tgz", &packed),
            plain("bad/charts/b.tgz", &packed),
        ]);
    }
    refused(
        &packed,
        "the chart and those packed in it are larger than 268435456 bytes together",
    );
    let mut packed = archive(&[plain("bad/Chart.yaml", CHART)]);
    for _ in 0..40 {
        packed = archive(&[
            plain("bad/Chart.yaml", CHART),
            plain("bad/charts/a.tgz", &packed),
        ]);
    }
    let message = told(&Chart::load_archive(&packed).unwrap_err());
    assert!(
        message.contains("charts are nested more than 32 deep"),
        "{message}"
    );
}

fn directory() -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("Chart.yaml"), CHART).unwrap();
    std::fs::create_dir(directory.path().join("templates")).unwrap();
    directory
}

#[track_caller]
fn refused_directory(path: &Path, limits: LoadLimits, words: &str) {
    let options = LoadOptions {
        limits,
        ..LoadOptions::default()
    };
    let message = told(&Chart::load_dir_with(path, &options).unwrap_err());
    assert!(message.contains(words), "{message}");
}

#[cfg(unix)]
#[test]
fn directories_with_what_is_no_file() {
    use std::os::unix::fs::symlink;

    let limits = LoadLimits::DEFAULT;
    // A named pipe would be waited for, for ever.
    for name in ["templates/pipe.yaml", ".helmignore", "Chart.lock"] {
        let chart = directory();
        let pipe = chart.path().join(name);
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        refused_directory(chart.path(), limits, "cannot load irregular file");
    }
    let chart = directory();
    let _socket = std::os::unix::net::UnixListener::bind(chart.path().join("templates/s")).unwrap();
    refused_directory(chart.path(), limits, "cannot load irregular file");
    for (link, target) in [
        ("templates/x.yaml", "/dev/zero"),
        ("templates/x.yaml", "../../../../../../etc/hostname"),
        (".helmignore", "/etc/hostname"),
        ("values.yaml", "/proc/self/environ"),
        ("charts", "/"),
    ] {
        let chart = directory();
        symlink(target, chart.path().join(link)).unwrap();
        refused_directory(chart.path(), limits, "leads out of");
    }
    // Links to the folder above make trees without end.
    let chart = directory();
    for name in ["a", "b", "c"] {
        symlink(".", chart.path().join("templates").join(name)).unwrap();
    }
    refused_directory(chart.path(), limits, "Too many levels of symbolic links");
}

#[cfg(unix)]
#[test]
fn links_lead_into_charts_beside_a_chart_and_no_further() {
    use std::os::unix::fs::symlink;

    let folder = tempfile::tempdir().unwrap();
    for (path, text) in [
        ("a/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.0\n"),
        ("b/Chart.yaml", "apiVersion: v2\nname: b\nversion: 1.0.0\n"),
        ("b/files/shared.txt", "shared"),
        ("private/secret.txt", "secret"),
        ("Chart.yaml", "not what makes a chart of the folder"),
    ] {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let chart = folder.path().join("a");
    symlink("../b/files/shared.txt", chart.join("shared.txt")).unwrap();
    let files = Chart::load_dir(&chart).unwrap();
    assert!(files.files().iter().any(|file| file.data == b"shared"));
    // A chart may have all of one beside it for its own.
    std::fs::create_dir(chart.join("charts")).unwrap();
    symlink("../../b", chart.join("charts/b")).unwrap();
    assert!(Chart::load_dir(&chart).is_ok());
    symlink("../private/secret.txt", chart.join("secret.txt")).unwrap();
    refused_directory(
        &chart,
        LoadLimits::DEFAULT,
        "secret.txt is a link that leads out of",
    );
    // Where a boundary is given, it holds.
    std::fs::remove_file(chart.join("secret.txt")).unwrap();
    let options = LoadOptions {
        boundary: Some(
            chart
                .join("templates")
                .join("..")
                .join("..")
                .join("private"),
        ),
        ..LoadOptions::default()
    };
    std::fs::create_dir_all(chart.join("templates")).unwrap();
    assert!(Chart::load_dir_with(&chart, &options).is_err());
}

#[test]
fn directories_that_are_too_large() {
    let chart = directory();
    std::fs::write(chart.path().join("large.bin"), vec![0; (5 << 20) + 1]).unwrap();
    refused_directory(
        chart.path(),
        LoadLimits::DEFAULT,
        "chart file \"large.bin\" is larger than the maximum file size 5242880",
    );
    std::fs::write(chart.path().join(".helmignore"), "*.bin\n").unwrap();
    assert!(Chart::load_dir(chart.path()).is_ok());
    let limits = LoadLimits {
        chart_bytes: 100,
        ..LoadLimits::DEFAULT
    };
    std::fs::write(chart.path().join("some.txt"), [b'x'; 200]).unwrap();
    refused_directory(
        chart.path(),
        limits,
        "the files of the chart are larger than 100 bytes together; leave out in .helmignore what it does not need",
    );
}

/// Loads and renders a chart of three files.
fn rendered(chart: &[u8], values: &[u8], template: &[u8]) -> Result<String, String> {
    let file = |path: &str, data: &[u8]| File {
        path: path.to_owned(),
        data: data.to_owned(),
    };
    let chart = Chart::from_files(vec![
        file("Chart.yaml", chart),
        file("values.yaml", values),
        file("templates/t.yaml", template),
    ])
    .map_err(|error| error.to_string())?;
    let capabilities = Capabilities::new(KubeVersion::parse("1.34.0").unwrap(), [""; 0]);
    let release = ReleaseOptions::new("release", "default");
    let options = RenderOptions::default();
    chart::render(&chart, &release, &Values::new(), &capabilities, &options)
        .map(|rendered| {
            rendered
                .manifests
                .iter()
                .map(|one| one.text.to_string())
                .collect()
        })
        .map_err(|error| error.to_string())
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn wrong_encodings_are_refused_where_helm_refuses_them() {
    let template = b"kind: X\nmetadata: {name: n}\na: {{ .Values.a }}\n";
    for (values, words) in [
        (
            &b"a: \xe9\n"[..],
            "values.yaml: cannot unmarshal yaml document",
        ),
        (
            b"# \xe9\na: x\n",
            "values.yaml: cannot unmarshal yaml document",
        ),
        (b"a: x\0y\n", "control characters are not allowed"),
        (&utf16("a: x\n"), "control characters are not allowed"),
    ] {
        let message = rendered(CHART, values, template).unwrap_err();
        assert!(message.contains(words), "{message}");
    }
    for template in [
        &b"kind: X\nmetadata: {name: n}\na: \xe9\n"[..],
        b"# \xe9\nkind: X\nmetadata: {name: n}\n",
        b"kind: X\nmetadata: {name: n}\na: b\0\n",
    ] {
        let message = rendered(CHART, b"", template).unwrap_err();
        assert!(
            message.starts_with("YAML parse error on bad/templates/t.yaml"),
            "{message}"
        );
    }
    let chart = b"apiVersion: v2\nname: e\nversion: 1.0.0\ndescription: \xe9\n";
    let message = rendered(chart, b"", b"").unwrap_err();
    assert!(message.starts_with("cannot load Chart.yaml"), "{message}");
    // In a template's comment nobody minds.
    let template = b"{{/* \xe9 */}}kind: X\nmetadata: {name: n}\n";
    assert!(rendered(CHART, b"", template).unwrap().contains("kind: X"));
}

#[test]
fn a_chart_that_renders_to_far_too_much_names_the_file() {
    let template = b"{{ range until 40 }}kind: X\nmetadata: {name: n}\na: {{ repeat 1000000 \"x\" }}\n---\n{{ end }}";
    assert_eq!(
        rendered(CHART, b"", template).unwrap_err(),
        "bad/templates/t.yaml: with this file the chart renders to more than 33554432 bytes, which no cluster takes"
    );
}
