//! Packed charts: takes the bytes of an archive, gives them to the reader, and checks that no path
//! leads out of the chart and that nothing is larger than allowed.

use std::io::Write as _;

use chart::{Chart, LoadLimits};
use flate2::Compression;
use flate2::write::GzEncoder;

const LIMITS: LoadLimits = LoadLimits {
    chart_bytes: 256 * 1024,
    files: 50,
    depth: 4,
    ..LoadLimits::DEFAULT
};

/// An input that is no gzip is taken as the archive within, since no fuzzer guesses checksums.
pub(crate) fn run(input: &[u8]) {
    let packed = if input.starts_with(&[0x1f, 0x8b]) {
        input.to_owned()
    } else {
        gzip(input)
    };
    if let Ok(chart) = Chart::load_archive_with(&packed, &LIMITS) {
        check(&chart);
    }
}

fn check(chart: &Chart) {
    let mut bytes = 0;
    for file in chart.templates().iter().chain(chart.files()) {
        let path = &file.path;
        let leads_out = path.starts_with('/') || path.split('/').any(|part| part == "..");
        assert!(!leads_out, "{path:?} leads out of the chart");
        bytes += file.data.len();
    }
    assert!(bytes as u64 <= LIMITS.chart_bytes, "{bytes} bytes unpacked");
    chart.subcharts.iter().for_each(check);
}

/// Packs bytes as fast as can be.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::none());
    encoder.write_all(bytes).expect("writing to memory");
    encoder.finish().expect("writing to memory")
}
