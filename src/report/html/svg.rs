//! The picture itself: takes the page's values and their places, gives SVG that can be read without
//! its script, never a name that is not escaped.

use std::fmt::Write;

use super::escape::html;
use super::layout::{BOX, Layout, Link, Node, layout};
use super::page::{Page, PageFinding, PageService, PageWait};

/// The width of a letter, about; names are shortened to what then fits.
const LETTER: f64 = 7.7;
/// The room beside a name: for the margin and the mark of findings.
const BESIDE: f64 = 34.0;
/// The longest name that is shown whole.
const LETTERS: usize = 30;

/// Returns the picture.
pub(super) fn svg(page: &Page) -> String {
    let nodes: Vec<Node> = (page.services.iter())
        .map(|service| Node {
            width: width(&shown(&service.name)),
            wave: service.wave,
        })
        .collect();
    // Places are chosen for what is shown at first; the rest is drawn across.
    let chosen: Vec<usize> = (0..page.waits.len())
        .filter(|&wait| {
            let PageWait { service, on, .. } = page.waits[wait];
            let is_forward = page.services[on].wave < page.services[service].wave;
            is_forward && !page.waits[wait].implied
        })
        .collect();
    let links: Vec<Link> = chosen
        .iter()
        .map(|&wait| Link {
            from: page.waits[wait].on,
            to: page.waits[wait].service,
        })
        .collect();
    let places = layout(&nodes, &links);
    let mut text = format!(
        "<svg id=\"picture\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w:.0} {h:.0}\" \
         data-width=\"{w:.0}\" data-height=\"{h:.0}\" role=\"group\" aria-label=\"{label}\">\n",
        w = places.width,
        h = places.height,
        label = html(&format!(
            "The services of {} by wave; an arrow goes to the service that waits",
            page.environment
        )),
    );
    bands(&mut text, &places);
    lines(&mut text, page, &chosen, &places);
    boxes(&mut text, page, &places);
    heads(&mut text, page, &places);
    text.push_str("</svg>\n");
    text
}

fn bands(text: &mut String, places: &Layout) {
    text.push_str("<g class=\"bands\" aria-hidden=\"true\">\n");
    for (index, band) in places.bands.iter().enumerate() {
        let area = &band.area;
        let _ = writeln!(
            text,
            "<rect class=\"band{}\" x=\"{:.0}\" y=\"{:.0}\" width=\"{:.0}\" height=\"{:.0}\" rx=\"8\"/>",
            if index % 2 == 0 { "" } else { " odd" },
            area.x,
            area.y,
            area.width,
            area.height,
        );
    }
    text.push_str("</g>\n");
}

/// The names of the waves, which stay in sight when the picture is moved.
fn heads(text: &mut String, page: &Page, places: &Layout) {
    text.push_str("<g id=\"heads\" aria-hidden=\"true\">\n");
    for band in &places.bands {
        let count = (page.services.iter())
            .filter(|service| service.wave == band.wave)
            .count();
        let _ = writeln!(
            text,
            "<g class=\"head\" data-x=\"{x:.0}\" transform=\"translate({x:.0} 0)\"><rect class=\"head-back\" \
             x=\"-34\" y=\"6\" width=\"68\" height=\"24\" rx=\"12\"/><text y=\"22\">wave {wave}<title>{count} {noun}\
             </title></text></g>",
            x = band.area.x + band.area.width / 2.0,
            wave = band.wave,
            noun = if count == 1 { "service" } else { "services" },
        );
    }
    text.push_str("</g>\n");
}

fn lines(text: &mut String, page: &Page, chosen: &[usize], places: &Layout) {
    let mut routes: Vec<Option<&Vec<(f64, f64)>>> = vec![None; page.waits.len()];
    for (wait, route) in chosen.iter().zip(&places.routes) {
        routes[*wait] = Some(route);
    }
    text.push_str("<g class=\"waits\" aria-hidden=\"true\">\n");
    for (index, (wait, route)) in page.waits.iter().zip(routes).enumerate() {
        let path = route.map_or_else(
            || {
                let (from, to) = (&places.boxes[wait.on], &places.boxes[wait.service]);
                path(&[
                    (from.x + from.width, from.y + from.height / 2.0),
                    (to.x, to.y + to.height / 2.0),
                ])
            },
            |route| path(route),
        );
        let soft = if wait.soft { " soft" } else { "" };
        let implied = if wait.implied { " implied" } else { "" };
        let _ = writeln!(
            text,
            "<g class=\"wait {}{soft}{implied}\" data-wait=\"{index}\"><path class=\"hit\" d=\"{path}\"/>\
             <path class=\"line\" d=\"{path}\"/></g>",
            wait.until,
        );
    }
    text.push_str("</g>\n");
}

/// Returns a line that is level at its corners and in every second part.
fn path(route: &[(f64, f64)]) -> String {
    let mut text = String::new();
    let _ = write!(text, "M{:.0} {:.0}", route[0].0, route[0].1);
    for (index, pair) in route.windows(2).enumerate() {
        let ((x, y), (to_x, to_y)) = (pair[0], pair[1]);
        if index % 2 == 1 {
            let _ = write!(text, "H{to_x:.0}");
        } else {
            let bend = ((to_x - x) / 2.0).min(120.0);
            let _ = write!(
                text,
                "C{:.0} {y:.0} {:.0} {to_y:.0} {to_x:.0} {to_y:.0}",
                x + bend,
                to_x - bend,
            );
        }
    }
    text
}

fn boxes(text: &mut String, page: &Page, places: &Layout) {
    let mut waits_for = vec![0; page.services.len()];
    let mut waited_for = vec![0; page.services.len()];
    for wait in &page.waits {
        waits_for[wait.service] += 1;
        waited_for[wait.on] += 1;
    }
    text.push_str("<g class=\"services\">\n");
    for (index, (service, area)) in page.services.iter().zip(&places.boxes).enumerate() {
        let label = format!(
            "{}, wave {}, waits for {}, waited for by {}{}",
            service.name,
            service.wave,
            waits_for[index],
            waited_for[index],
            told(service)
        );
        let _ = write!(
            text,
            "<g class=\"service\" id=\"service-{index}\" data-service=\"{index}\" role=\"button\" tabindex=\"{tab}\" \
             aria-label=\"{label}\" transform=\"translate({x:.0} {y:.0})\"><title>{title}</title>\
             <rect width=\"{width:.0}\" height=\"{BOX:.0}\" rx=\"6\"/>",
            tab = if index == 0 { 0 } else { -1 },
            label = html(&label),
            title = html(&label),
            x = area.x,
            y = area.y,
            width = area.width,
        );
        if waits_for[index] > 0 {
            let middle = BOX / 2.0;
            let _ = write!(
                text,
                "<path class=\"tip\" d=\"M-7 {:.0}L1 {middle:.0}L-7 {:.0}Z\"/>",
                middle - 4.0,
                middle + 4.0
            );
        }
        let _ = write!(
            text,
            "<text x=\"10\" y=\"{:.0}\">{}</text>",
            BOX / 2.0 + 4.5,
            html(&shown(&service.name))
        );
        if let Some(worst) = worst(service) {
            let _ = write!(
                text,
                "<g class=\"mark {worst}\" transform=\"translate({:.0} {:.0})\"><circle r=\"8\"/><text y=\"3.5\">{}</text></g>",
                area.width - 13.0,
                BOX / 2.0,
                service.findings.len().min(99),
            );
        }
        text.push_str("</g>\n");
    }
    text.push_str("</g>\n");
}

/// Returns how many findings of which kind a service has, for those who listen.
fn told(service: &PageService) -> String {
    let mut text = String::new();
    for (severity, one, many) in [
        ("error", "error", "errors"),
        ("warning", "warning", "warnings"),
        ("info", "note", "notes"),
    ] {
        let of_it = |finding: &&PageFinding| finding.severity == severity;
        match service.findings.iter().filter(of_it).count() {
            0 => {}
            1 => {
                let _ = write!(text, ", 1 {one}");
            }
            count => {
                let _ = write!(text, ", {count} {many}");
            }
        }
    }
    text
}

fn worst(service: &PageService) -> Option<&'static str> {
    ["error", "warning", "info"]
        .into_iter()
        .find(|severity| (service.findings.iter()).any(|finding| finding.severity == *severity))
}

/// Returns a name as it fits a box: the middle of a long one left out.
fn shown(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= LETTERS {
        return name.to_owned();
    }
    let head = LETTERS * 2 / 3;
    let tail = LETTERS - 1 - head;
    let start: String = letters[..head].iter().collect();
    let end: String = letters[letters.len() - tail..].iter().collect();
    format!("{start}…{end}")
}

fn width(name: &str) -> f64 {
    let letters = u32::try_from(name.chars().count()).unwrap_or(u32::MAX);
    (f64::from(letters) * LETTER + BESIDE).round()
}
